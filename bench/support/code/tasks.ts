import { SeededRandom } from "../seeded-random.js";

/** A call of a task. `ref` are its arguments as references to the first call. */
export interface TaskCall {
  readonly tool: string;
  readonly args: Readonly<Record<string, string>>;
  readonly ref?: Readonly<Record<string, string>>;
}

/** A tool of a task. */
export interface TaskTool {
  readonly name: string;
  readonly description: string;
  /** Its parameters, all texts, with what each is. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly answer: (args: Readonly<Record<string, string>>) => unknown;
}

/** A question, and the calls that it takes to answer it. */
export interface CodeTask {
  readonly name: string;
  readonly question: string;
  readonly tools: readonly TaskTool[];
  /** The first call, whose output has the arguments of the others. */
  readonly first: TaskCall;
  readonly others: readonly TaskCall[];
  readonly code: string;
  readonly answer: string;
}

const MEMBERS = 20;
const ITEMS = 60;
const ENDPOINTS = 50;
const PAGES = 10;
const RESULTS = 20;

/** Tasks of the shape of those by which Anthropic describes calls from code. */
export function codeTasks(): CodeTask[] {
  return [budgetCheck(), healthCheck(), searchAndFilter()];
}

/** Who of twenty members has spent more than allowed, of sixty items each? */
function budgetCheck(): CodeTask {
  const random = new SeededRandom(1);
  const members = Array.from({ length: MEMBERS }, (_, i) => ({
    id: `emp_${101 + i}`,
    name: `Member ${i + 1}`,
    level: "senior",
  }));
  const expenses = new Map(
    members.map(({ id }) => [
      id,
      Array.from({ length: ITEMS }, (_, i) => ({
        date: `2026-0${random.integer(7, 9)}-${random.integer(10, 28)}`,
        category: ["flight", "hotel", "meal", "taxi"][random.integer(0, 3)],
        receipt: `${id}-${i}`,
        amount: random.integer(20, 220),
      })),
    ]),
  );
  const sumOf = (id: string) =>
    expenses.get(id)!.reduce((sum, { amount }) => sum + amount, 0);
  const limit = 7_200;
  const over = members.filter(({ id }) => sumOf(id) > limit);
  return {
    name: "budget check",
    question: `Which members of the engineering team have spent more than ${limit} in the third quarter?`,
    tools: [
      {
        name: "get_team_members",
        description: "Lists the members of a team: `id`, `name`, `level`.",
        parameters: { department: "The name of the department" },
        answer: () => members,
      },
      {
        name: "get_expenses",
        description:
          "Lists the expenses of a member in a quarter: `date`, `category`, `receipt`, `amount`.",
        parameters: { user_id: "The id of the member", quarter: "Such as Q3" },
        answer: ({ user_id }) => expenses.get(user_id!),
      },
    ],
    first: { tool: "get_team_members", args: { department: "engineering" } },
    others: members.map(({ id }, i) => ({
      tool: "get_expenses",
      args: { user_id: id, quarter: "Q3" },
      ref: { user_id: `$1[${i}].id`, quarter: "Q3" },
    })),
    code: `const team = JSON.parse(await tools.getTeamMembers({ department: "engineering" }));
const spent = await Promise.all(team.map(({ id }) => tools.getExpenses({ user_id: id, quarter: "Q3" })));
team.filter((_, i) => JSON.parse(spent[i]).reduce((sum, { amount }) => sum + amount, 0) > ${limit}).map(({ name }) => name)`,
    answer: over.map(({ name }) => name).join(", "),
  };
}

/** Which of fifty endpoints don't answer as they should? */
function healthCheck(): CodeTask {
  const random = new SeededRandom(2);
  const endpoints = Array.from(
    { length: ENDPOINTS },
    (_, i) => `https://service-${i + 1}.internal/health`,
  );
  const health = new Map(
    endpoints.map((url) => [
      url,
      {
        url,
        status: random.integer(0, 9) === 0 ? 503 : 200,
        latency_ms: random.integer(4, 250),
        version: `2.${random.integer(0, 30)}.${random.integer(0, 9)}`,
        region: ["eu-west-1", "us-east-1"][random.integer(0, 1)],
        checks: { database: "ok", queue: "ok", cache: "ok" },
      },
    ]),
  );
  const sick = endpoints.filter((url) => health.get(url)!.status !== 200);
  return {
    name: "health check",
    question: "Which of our endpoints are not healthy?",
    tools: [
      {
        name: "list_endpoints",
        description: "Lists the urls of all endpoints of an environment.",
        parameters: { environment: "Such as production" },
        answer: () => endpoints,
      },
      {
        name: "check_health",
        description:
          "Asks an endpoint for its health: `url`, `status` (an HTTP status), `latency_ms`, `version`, `region`, `checks`.",
        parameters: { url: "The url of the endpoint" },
        answer: ({ url }) => health.get(url!),
      },
    ],
    first: { tool: "list_endpoints", args: { environment: "production" } },
    others: endpoints.map((url, i) => ({
      tool: "check_health",
      args: { url },
      ref: { url: `$1[${i}]` },
    })),
    code: `const urls = JSON.parse(await tools.listEndpoints({ environment: "production" }));
const all = await Promise.all(urls.map((url) => tools.checkHealth({ url })));
all.map((text) => JSON.parse(text)).filter(({ status }) => status !== 200).map(({ url }) => url)`,
    answer: sick.join(", "),
  };
}

/** Which of two hundred results, on ten pages, are cheap and new? */
function searchAndFilter(): CodeTask {
  const random = new SeededRandom(3);
  const pages = Array.from({ length: PAGES }, (_, page) => `page-${page + 1}`);
  const results = new Map(
    pages.map((page) => [
      page,
      Array.from({ length: RESULTS }, (_, i) => ({
        title: `Laptop ${page}-${i + 1}`,
        price: random.integer(400, 3_000),
        year: random.integer(2019, 2026),
        snippet:
          "A light machine with a bright display, a quiet fan and a battery for a working day.",
      })),
    ]),
  );
  const found = pages.flatMap((page) =>
    results.get(page)!.filter(({ price, year }) => price < 600 && year > 2024),
  );
  return {
    name: "search and filter",
    question: "Which laptops of 2025 or later cost less than 600?",
    tools: [
      {
        name: "search",
        description: "Searches the shop and lists the ids of the result pages.",
        parameters: { query: "What to search for" },
        answer: () => pages,
      },
      {
        name: "get_page",
        description:
          "Lists the results on a page: `title`, `price`, `year`, `snippet`.",
        parameters: { id: "The id of the page" },
        answer: ({ id }) => results.get(id!),
      },
    ],
    first: { tool: "search", args: { query: "laptop" } },
    others: pages.map((id, i) => ({
      tool: "get_page",
      args: { id },
      ref: { id: `$1[${i}]` },
    })),
    code: `const ids = JSON.parse(await tools.search({ query: "laptop" }));
const pages = await Promise.all(ids.map((id) => tools.getPage({ id })));
pages.flatMap((text) => JSON.parse(text)).filter(({ price, year }) => price < 600 && year > 2024).map(({ title }) => title)`,
    answer: found.map(({ title }) => title).join(", "),
  };
}
