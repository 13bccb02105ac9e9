import type { PolicyOptions } from "../policy/policy-book.js";

/** Options of `diagnose`, `diagnoseStream` and `diagnoseThread`. */
export interface DiagnoseOptions
  extends Pick<PolicyOptions, "policies" | "defaultPolicy"> {
  /**
   * Names of tools that change nothing. Overrides `policies` and `tools`.
   *
   * @default none: a tool counts as a writer unless an option says otherwise
   */
  reads?: readonly string[];
  /**
   * Names of tools that may change anything. Overrides `policies` and `tools`.
   *
   * @default none
   */
  writes?: readonly string[];
  /**
   * The tools, for their MCP annotations: tools of LangChain, or the entries of
   * a server's answer to `tools/list`.
   *
   * @default none
   */
  tools?: readonly object[];
  /**
   * How many findings to keep: those that save most. Totals and patterns count
   * all. An integer of at least 0.
   *
   * @default 100
   */
  maxFindings?: number;
  /**
   * Whether evidence shows values of arguments, shortened, and access keys that a
   * policy's function made of arguments. They come from users and tools, so they
   * may be confidential.
   *
   * @default false
   */
  showValues?: boolean;
}
