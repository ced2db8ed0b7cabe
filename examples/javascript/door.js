// The gateway's national door: how to reach it, how to ask, and how to read what it refuses.
//
// NATIONAL_DOOR is its address, NATIONAL_CREDENTIALS a folder with ca.pem, client.pem and client.key.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";
import protobuf from "protobufjs";

const PROTOS = join(import.meta.dirname, "protos");
const NATIONAL = "mutualrecognition/national/v1";
const CALL_SECONDS = 30;
const LONGEST_PAUSE_SECONDS = 30;
const PASSING = [grpc.status.UNAVAILABLE, grpc.status.DEADLINE_EXCEEDED];
const OPTIONS = {
  "grpc.keepalive_time_ms": 15_000, // a dead line is noticed within 23 s, also while a watch is idle
  "grpc.keepalive_timeout_ms": 8_000,
  "grpc.max_receive_message_length": 5 * 1024 * 1024, // an evidence bundle has up to 4 MiB
};

const services = loadServices();
const status = loadStatus();

/** An answer that asking again does not change: somebody must act first, and the sentence says who. */
export class Refused extends Error {
  constructor(reason, sentence, fields = [], correlationId = "") {
    super([`${reason}: ${sentence}`, ...fields.map(([path, said]) => `${path}: ${said}`)].join("\n    "));
    Object.assign(this, { reason, fields, correlationId });
  }
}

/** Read the refusal of one record or question among several; the others of the message are not touched by it. */
export function refused({ reason, message, violations }) {
  return new Refused(reason, message, violations.map((each) => [each.path, each.message]));
}

/** Open the door to one service. All of them share a connection, which is made again whenever it has to be. */
export function open(name) {
  const [authorities, key, chain] = ["ca.pem", "client.key", "client.pem"].map((file) =>
    readFileSync(join(process.env.NATIONAL_CREDENTIALS, file)),
  );
  const credentials = grpc.credentials.createSsl(authorities, key, chain);
  return new services[name](process.env.NATIONAL_DOOR, credentials, OPTIONS);
}

/** Ask until there is an answer. It is safe: a request that changes something bears an id, and is done once. */
export function ask(service, method, request) {
  return untilAnswered(
    () =>
      new Promise((resolve, reject) => {
        service[method](request, within(), (error, answer) => (error ? reject(error) : resolve(answer)));
      }),
  );
}

/** The same for a stream of requests; gives all answers. */
export function askMany(service, method, requests) {
  return untilAnswered(async () => {
    const call = service[method](within());
    requests.forEach((each) => call.write(each));
    call.end();
    return call.toArray();
  });
}

/** Give message after message, for ever. After an interruption it goes on behind the last that was dealt with. */
export async function* watch(service, method, request) {
  let pauses = growing();
  for (;;) {
    const call = service[method](request);
    try {
      for await (const message of call) {
        yield message;
        request = { ...request, cursor: message.cursor, from_now: false };
        pauses = growing();
      }
    } catch (error) {
      await waitOrThrow(error, pauses.next().value);
    } finally {
      call.cancel();
    }
  }
}

/** Run a program; what is refused ends it with the sentence that says who must act. */
export async function run(main) {
  try {
    process.exit((await main(...process.argv.slice(2))) ?? 0);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    console.error(`✗ ${error.message}`);
    process.exit(1);
  }
}

/** Make the id of something that is to be done once: the same parts give the same id, after a restart too. */
export function idOf(...parts) {
  return createHash("sha256").update(parts.join("\n")).digest("hex");
}

/** Read a message that was written down as JSON, with its times as protobuf takes them. */
export function read(file) {
  return JSON.parse(readFileSync(file, "utf8"), (_, value) =>
    /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? moment(new Date(value)) : value,
  );
}

export function moment(date) {
  return { seconds: Math.floor(date / 1000), nanos: (date % 1000) * 1_000_000 };
}

async function untilAnswered(attempt) {
  for (const pause of growing()) {
    try {
      return await attempt();
    } catch (error) {
      await waitOrThrow(error, pause);
    }
  }
}

async function waitOrThrow(error, pause) {
  if (!(error.metadata instanceof grpc.Metadata)) throw error; // not an answer: a bug of this program
  const [refusal, passing] = readStatus(error);
  if (!passing) throw refusal;
  console.error(`… ${refusal.message}; again in ${pause.toFixed(1)} s`);
  await sleep(1000 * pause);
}

/** Read the refusal of a call, and whether the same call may succeed later. */
function readStatus({ code, details, metadata }) {
  let [reason, fields, correlationId, passing] = [grpc.status[code], [], "", PASSING.includes(code)];
  const [packed] = metadata.get("grpc-status-details-bin");
  for (const { type_url, value } of packed ? status("Status").decode(packed).details : []) {
    switch (type_url.split("/google.rpc.")[1]) {
      case "ErrorInfo": {
        const info = status("ErrorInfo").decode(value);
        [reason, correlationId] = [info.reason, info.metadata.correlation_id];
        break;
      }
      case "BadRequest": {
        const bad = status("BadRequest").decode(value);
        fields = bad.fieldViolations.map((each) => [each.field, each.description]);
        break;
      }
      case "RetryInfo":
        passing = true;
    }
  }
  return [new Refused(reason, details, fields, correlationId), passing];
}

function* growing() {
  for (let seconds = 0.5; ; seconds = Math.min(2 * seconds, LONGEST_PAUSE_SECONDS)) {
    yield seconds * (0.5 + Math.random() / 2); // so that many clients do not come back at the same moment
  }
}

const within = () => ({ deadline: Date.now() + 1000 * CALL_SECONDS });

/** Names as the protos and their pages have them; enums by name; numbers of 64 bits, which JavaScript lacks, as text. */
function loadServices() {
  const files = readdirSync(join(PROTOS, NATIONAL)).map((file) => join(NATIONAL, file));
  const options = { includeDirs: [PROTOS], keepCase: true, enums: String, longs: String, defaults: true, oneofs: true };
  return grpc.loadPackageDefinition(loader.loadSync(files, options)).mutualrecognition.national.v1;
}

function loadStatus() {
  const root = new protobuf.Root();
  root.resolvePath = (_, file) => join(PROTOS, file);
  root.loadSync(["google/rpc/status.proto", "google/rpc/error_details.proto"]);
  return (name) => root.lookupType(`google.rpc.${name}`);
}
