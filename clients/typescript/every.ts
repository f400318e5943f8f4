// Calls every operation once, as clients/operations.json says.
import * as client from "../../target/clients/typescript/src";

declare function require(name: "node:fs"): { readFileSync(name: string, encoding: "utf8"): string };
const { readFileSync } = require("node:fs");

interface Call {
  readonly call: string;
  readonly path?: Record<string, string>;
  readonly query?: Record<string, unknown>;
  readonly body?: Record<string, unknown>;
  readonly status: readonly number[];
}

interface Answer {
  readonly raw: Response;
  value(): Promise<unknown>;
}

type Api = Record<string, (request: Record<string, unknown>) => Promise<Answer>>;

const exported = client as unknown as Record<string, unknown>;

/** An argument in its type; what is sent is named by its schema. */
function argument(name: string, value: unknown): unknown {
  const read = exported[`${name}FromJSON`] as ((json: unknown) => unknown) | undefined;
  return read === undefined ? value : read(value);
}

export async function callEveryOperation(
  configuration: client.Configuration,
  check: (what: string, holds: boolean) => void,
): Promise<void> {
  let last: unknown = "";
  for (const call of JSON.parse(readFileSync("clients/operations.json", "utf8")) as Call[]) {
    const [api = "", operation = ""] = call.call.split(".");
    const type = exported[`${api}Api`] as new (configuration: client.Configuration) => Api;
    const request: Record<string, unknown> = {};
    for (const [name, value] of Object.entries({ ...call.path, ...call.query, ...call.body })) {
      request[name[0]?.toLowerCase() + name.slice(1)] = value === "{id}" ? last : argument(name, value);
    }
    let status: number;
    try {
      const instance = new type(configuration);
      const answer = await instance[`${operation}Raw`]?.call(instance, request);
      if (answer === undefined) {
        throw new Error(`there is no ${call.call}`);
      }
      status = answer.raw.status;
      last = ((await answer.value()) as { id?: unknown } | undefined)?.id ?? last;
    } catch (refusal) {
      if (!(refusal instanceof client.ResponseError)) {
        throw refusal;
      }
      status = refusal.response.status;
      console.log(operation, client.ProblemFromJSON(await refusal.response.json()).detail);
    }
    check(`${call.call} is ${status}`, call.status.includes(status));
  }
}
