import { type BaseCheckpointSaver, MemorySaver } from "@langchain/langgraph";
import type { SaverKind } from "../world.js";

const SAVERS: Readonly<Record<SaverKind, () => BaseCheckpointSaver>> = {
  memory: () => new MemorySaver(),
};

export function createSaver(kind: SaverKind): BaseCheckpointSaver {
  return SAVERS[kind]();
}
