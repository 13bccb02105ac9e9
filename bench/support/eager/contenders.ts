/** A way to run the calls of an agent. */
export interface Contender {
  readonly name: string;
  /** Nothing of ours: no cap, no rate, no references. */
  readonly isStock: boolean;
  readonly eager?: boolean;
}

export const STOCK: Contender = { name: "stock", isStock: true };
export const WITHOUT: Contender = {
  name: "without eager",
  isStock: false,
  eager: false,
};
/** The same again: how far it is from itself is noise. */
export const AGAIN: Contender = { ...WITHOUT, name: "without, again" };
export const WITH: Contender = {
  name: "with eager",
  isStock: false,
  eager: true,
};
