export { callableTools } from "./code/callable-tools.js";
