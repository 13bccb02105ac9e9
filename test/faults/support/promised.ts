/** What a judgement of a run of ours has to say: nothing of this happened. */
export const PROMISED = {
  lost: 0,
  finishedAgain: 0,
  wrongOrders: 0,
  otherMessages: 0,
};
