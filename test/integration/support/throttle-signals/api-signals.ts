import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { REST } from "@discordjs/rest";
import {
  HttpConnection,
  Transport,
  WeightedConnectionPool,
} from "@elastic/transport";
import { WebClient } from "@slack/web-api";
import axios from "axios";
import { Api } from "grammy";
import { request as graphql } from "graphql-request";
import { ApiResponseError } from "twitter-api-v2";
import { DATED, RESET } from "./http-signals.js";
import { thrown, thrownOver } from "./loopback.js";
import { heard, type ThrottleSignal } from "./throttle-signal.js";

const aws = (name: string) => () =>
  thrownOver(
    {
      status: 400,
      headers: { "content-type": "application/x-amz-json-1.0" },
      body: {
        __type: `com.amazonaws.dynamodb.v20120810#${name}`,
        message: "no",
      },
    },
    (endpoint) =>
      new DynamoDBClient({
        endpoint,
        region: "us-east-1",
        credentials: { accessKeyId: "x", secretAccessKey: "x" },
        maxAttempts: 1,
      }).send(new ListTablesCommand({})),
  );

/** What the SDKs of services throw. */
export const API_SIGNALS: readonly ThrottleSignal[] = [
  heard("400, `ThrottlingException`", "AWS SDK v3", aws("ThrottlingException")),
  heard(
    "400, `ProvisionedThroughputExceededException`",
    "AWS SDK v3",
    aws("ProvisionedThroughputExceededException"),
  ),
  heard(
    "200, GraphQL `THROTTLED`",
    "graphql-request (Shopify)",
    () =>
      thrownOver(
        {
          status: 200,
          body: {
            errors: [
              { message: "Throttled", extensions: { code: "THROTTLED" } },
            ],
            extensions: {
              cost: {
                requestedQueryCost: 202,
                throttleStatus: {
                  maximumAvailable: 1_000,
                  currentlyAvailable: 52,
                  restoreRate: 50,
                },
              },
            },
          },
        },
        (url) => graphql(url, "{ shop { name } }"),
      ),
    ["`extensions.cost`", 3_000],
  ),
  heard("403, `REQUEST_LIMIT_EXCEEDED`", "axios (Salesforce)", () =>
    thrownOver(
      {
        status: 403,
        body: [
          {
            message: "TotalRequests Limit exceeded.",
            errorCode: "REQUEST_LIMIT_EXCEEDED",
          },
        ],
      },
      (url) => axios.get(url),
    ),
  ),
  heard(
    "429",
    "Slack, `rejectRateLimitedCalls`",
    () =>
      thrownOver({ status: 429, headers: { "retry-after": "3" } }, (url) =>
        new WebClient("x", {
          slackApiUrl: `${url}/`,
          rejectRateLimitedCalls: true,
        }).auth.test(),
      ),
    ["`retryAfter` (seconds)", 3_000],
  ),
  heard(
    "429",
    "@elastic/transport",
    () =>
      thrownOver({ status: 429, headers: { "retry-after": "3" } }, (url) => {
        const connectionPool = new WeightedConnectionPool({
          Connection: HttpConnection,
        });
        connectionPool.addConnection(url);
        return new Transport({ connectionPool, maxRetries: 0 }).request({
          method: "GET",
          path: "/",
        });
      }),
    ["`meta.headers`", 3_000],
  ),
  heard(
    "429",
    "grammY (Telegram)",
    () =>
      thrownOver(
        {
          status: 429,
          body: {
            ok: false,
            error_code: 429,
            description: "Too Many Requests: retry after 3",
            parameters: { retry_after: 3 },
          },
        },
        (apiRoot) => new Api("1:x", { apiRoot }).getMe(),
      ),
    ["`parameters.retry_after` (seconds)", 3_000],
  ),
  heard(
    "429 with `retry_after` in the body",
    "axios (Discord)",
    () =>
      thrownOver(
        {
          status: 429,
          body: { message: "You are being rate limited.", retry_after: 0.7 },
        },
        (url) => axios.get(url),
      ),
    ["`retry_after` (seconds)", 700],
  ),
  heard(
    "429",
    "@discordjs/rest, `rejectOnRateLimit`",
    () =>
      thrownOver({ status: 429, headers: { "retry-after": "3" } }, (api) =>
        new REST({ api, rejectOnRateLimit: () => true, retries: 0 })
          .setToken("x")
          .get("/channels/1"),
      ),
    // It adds an offset of its own.
    ["`retryAfter` (milliseconds)", 3_050],
  ),
  heard(
    "429",
    "twitter-api-v2",
    () =>
      thrown(() =>
        Promise.reject(
          new ApiResponseError("Request failed with code 429", {
            code: 429,
            request: {},
            response: {},
            headers: DATED,
            rateLimit: { limit: 5, remaining: 0, reset: Number(RESET) },
            data: { errors: [] },
          } as unknown as ConstructorParameters<typeof ApiResponseError>[1]),
        ),
      ),
    ["`rateLimit.reset`", 3_000],
  ),
];
