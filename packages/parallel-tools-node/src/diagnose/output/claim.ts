/** What a finding claims and what it doesn't, as every output says it. */
export const CLAIM =
  "Calls that could have shared a turn needed nothing from each other's outputs, and none of them is known to write what another touches. Whether the model wanted to see a result before it asked for the next can't be seen in values. Reads are safe to have been asked for together all the same; at worst, some would not have been needed.";
