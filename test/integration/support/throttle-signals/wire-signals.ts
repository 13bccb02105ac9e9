import {
  Client as GrpcClient,
  credentials,
  Server as GrpcServer,
  ServerCredentials,
  type status,
} from "@grpc/grpc-js";
import { createConnection } from "mysql2/promise";
import pg from "pg";
import { thrown, thrownOverTcp } from "./loopback.js";
import { heard, type ThrottleSignal } from "./throttle-signal.js";

/** What gRPC and databases say, which have no status of HTTP. */
export const WIRE_SIGNALS: readonly ThrottleSignal[] = [
  heard("code 8, `RESOURCE_EXHAUSTED`", "@grpc/grpc-js", () => grpc(8)),
  {
    signal: "code 14, `UNAVAILABLE`: as a connection that was refused",
    client: "@grpc/grpc-js",
    thrown: () => grpc(14),
    heard: false,
    runsAgain: true,
  },
  heard("53300, `too_many_connections`", "pg", () =>
    thrownOverTcp({ bytes: postgresError(), speaksFirst: false }, (port) =>
      new pg.Client({
        host: "127.0.0.1",
        port,
        user: "x",
        ssl: false,
      }).connect(),
    ),
  ),
  heard("1040, `ER_CON_COUNT_ERROR`", "mysql2", () =>
    thrownOverTcp({ bytes: mysqlError(), speaksFirst: true }, (port) =>
      createConnection({ host: "127.0.0.1", port, user: "x" }),
    ),
  ),
];

const bytes = (text: Buffer) => text;

/** What a call throws that the server ends with this code. */
async function grpc(code: status): Promise<unknown> {
  const server = new GrpcServer();
  const method = {
    path: "/a.B/c",
    requestStream: false,
    responseStream: false,
    requestSerialize: bytes,
    requestDeserialize: bytes,
    responseSerialize: bytes,
    responseDeserialize: bytes,
  };
  server.addService(
    { c: method },
    {
      c: (_: unknown, done: (error: object) => void) =>
        done({ code, details: "no" }),
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(
      "127.0.0.1:0",
      ServerCredentials.createInsecure(),
      (error, at) => (error ? reject(error) : resolve(at)),
    );
  });
  const client = new GrpcClient(
    `127.0.0.1:${port}`,
    credentials.createInsecure(),
  );
  try {
    return await thrown(
      () =>
        new Promise((resolve, reject) => {
          client.makeUnaryRequest(
            method.path,
            bytes,
            bytes,
            Buffer.alloc(0),
            (error, value) => (error ? reject(error) : resolve(value)),
          );
        }),
    );
  } finally {
    client.close();
    server.forceShutdown();
  }
}

/** `ErrorResponse` of Postgres' protocol. */
function postgresError(): Buffer {
  const fields = Buffer.from(
    "SFATAL\0VFATAL\0C53300\0Msorry, too many clients already\0\0",
  );
  const head = Buffer.alloc(5);
  head.write("E");
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

/** `ERR_Packet` of MySQL's protocol, in place of a greeting. */
function mysqlError(): Buffer {
  const text = Buffer.from("Too many connections");
  const head = Buffer.from([text.length + 3, 0, 0, 0, 0xff, 0, 0]);
  head.writeUInt16LE(1_040, 5);
  return Buffer.concat([head, text]);
}
