import type { PolicyOptions } from "../policy/policy-book.js";

/** What `diagnose` and its relatives are told of the tools and the findings. */
export interface DiagnoseOptions
  extends Pick<PolicyOptions, "policies" | "defaultPolicy"> {
  /**
   * Names of tools that change nothing. Says more than `policies` and `tools`.
   *
   * @default none: a tool of which nothing is said counts as a writer
   */
  reads?: readonly string[];
  /**
   * Names of tools that change something, nobody knows what. Says more than
   * `policies` and `tools`.
   *
   * @default none
   */
  writes?: readonly string[];
  /**
   * The tools themselves, for their MCP annotations: tools of LangChain, or the
   * entries of a server's answer to `tools/list`.
   *
   * @default none
   */
  tools?: readonly object[];
  /**
   * Findings that are kept, those that save most. Totals and patterns count all.
   * An integer of at least 0.
   *
   * @default 100
   */
  maxFindings?: number;
  /**
   * Whether evidence shows the values themselves, shortened. They are what users
   * and tools said.
   *
   * @default false
   */
  showValues?: boolean;
}
