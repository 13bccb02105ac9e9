import type { Verdict } from "./judge-run.js";

/** Whether anything is not as it is promised. */
export function isWrong(verdict: Verdict): boolean {
  const { lost, finishedAgain, wrongOrders, otherMessages } = verdict;
  return lost + finishedAgain + wrongOrders + otherMessages > 0;
}
