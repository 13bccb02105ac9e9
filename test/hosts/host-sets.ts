/** Packages of a host, by the names under which they are installed. */
export interface HostPackages {
  readonly "@langchain/core": string;
  readonly "@langchain/langgraph": string;
  readonly "@langchain/langgraph-checkpoint": string;
  readonly "@langchain/langgraph-sdk": string;
  readonly langchain: string;
  readonly langsmith: string;
  readonly zod: string;
}

export interface HostSet {
  readonly packages: HostPackages;
  /**
   * The library's peer ranges take it. One that they don't take is installed by
   * force, and is run only when it is named.
   */
  readonly isInRange: boolean;
}

/**
 * The versions on which the suite is run. They are written down and not looked
 * up, so that a run tells of this repository, and not of what was released today.
 *
 * To refresh `latest`, ask the registry:
 *
 *     npm view @langchain/core version        # also langgraph, langchain,
 *                                             # langsmith, zod
 *     npm view @langchain/langgraph@VERSION dependencies peerDependencies
 *     npm view langchain@VERSION dependencies peerDependencies
 *
 * The last two say which `langgraph-checkpoint`, `langgraph-sdk` and core belong to
 * them. Let the old `latest` become a middle where something in between is worth
 * keeping, and run `npm run test:hosts`. `lowest` moves with the peer ranges of
 * `packages/parallel-tools-node/package.json`; the program checks that.
 */
export const HOST_SETS: Readonly<Record<string, HostSet>> = {
  lowest: {
    isInRange: true,
    packages: {
      "@langchain/core": "1.4.0",
      "@langchain/langgraph": "1.7.0",
      "@langchain/langgraph-checkpoint": "1.2.2",
      "@langchain/langgraph-sdk": "1.13.0",
      langchain: "1.5.8",
      langsmith: "0.12.0",
      zod: "4.2.0",
    },
  },
  "lower-middle": {
    isInRange: true,
    packages: {
      "@langchain/core": "1.4.0",
      "@langchain/langgraph": "1.7.0",
      "@langchain/langgraph-checkpoint": "1.2.2",
      "@langchain/langgraph-sdk": "1.13.0",
      langchain: "1.5.11",
      langsmith: "0.12.0",
      zod: "4.6.7",
    },
  },
  "upper-middle": {
    isInRange: true,
    packages: {
      "@langchain/core": "1.4.0",
      "@langchain/langgraph": "1.7.1",
      "@langchain/langgraph-checkpoint": "1.2.2",
      "@langchain/langgraph-sdk": "1.14.0",
      langchain: "1.5.12",
      langsmith: "0.12.0",
      zod: "4.6.7",
    },
  },
  latest: {
    isInRange: true,
    packages: {
      "@langchain/core": "1.4.0",
      "@langchain/langgraph": "1.7.3",
      "@langchain/langgraph-checkpoint": "1.2.2",
      "@langchain/langgraph-sdk": "1.15.0",
      langchain: "1.5.14",
      langsmith: "0.12.0",
      zod: "4.6.7",
    },
  },
  older: {
    isInRange: false,
    packages: {
      "@langchain/core": "1.2.8",
      "@langchain/langgraph": "1.4.8",
      "@langchain/langgraph-checkpoint": "1.1.3",
      "@langchain/langgraph-sdk": "1.9.26",
      langchain: "1.5.0",
      langsmith: "0.12.0",
      zod: "4.6.7",
    },
  },
};
