/** Where a command writes to, and what it knows of its surroundings. */
export interface CommandHost {
  readonly stdin: AsyncIterable<string | Uint8Array>;
  readonly stdout: CommandStream;
  readonly stderr: CommandStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface CommandStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}
