/** A Lua file is imported as its text, which the build puts into the bundle. */
declare module "*.lua" {
  const text: string;
  // oxlint-disable-next-line import/no-default-export -- as bundlers export it
  export default text;
}
