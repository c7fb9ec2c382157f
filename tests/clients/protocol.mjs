// graphql-transport-ws as the npm client graphql-ws and the package ws speak it. The cases follow the protocol's document and the
// behavior that graphql-ws expects of a server; each runs on a socket of its own.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL, MessageType, createClient } from "graphql-ws";
import WebSocket from "ws";

const [base, hotwash] = process.argv.slice(2);
const url = `${base.replace("http", "ws")}/graphql`;
const updates = "subscription { warehouseUpdated { version } }";
const { ConnectionInit, ConnectionAck, Ping, Pong, Subscribe, Next, Complete } = MessageType;

/** Opens a raw socket; its messages are read one by one, and its end is a promise. */
async function open(protocols = GRAPHQL_TRANSPORT_WS_PROTOCOL) {
  const socket = new WebSocket(url, protocols);
  const queue = [];
  const waiting = [];
  socket.on("message", (data) => {
    const message = JSON.parse(data.toString());
    waiting.length > 0 ? waiting.shift()(message) : queue.push(message);
  });
  const closed = new Promise((resolve) => (socket.onclose = ({ code, reason, wasClean }) => resolve({ code, reason, wasClean })));
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  return {
    socket,
    closed,
    send: (message) => socket.send(typeof message === "string" ? message : JSON.stringify(message)),
    next: () => {
      if (queue.length > 0) return Promise.resolve(queue.shift());
      const lost = closed.then(({ code, reason }) => assert.fail(`closed with ${code} ${reason} instead of a message`));
      return Promise.race([new Promise((resolve) => waiting.push(resolve)), lost]);
    },
    /** Nothing comes within this time, neither a message nor an end. */
    quiet: async (ms = 150) => {
      const ended = await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, ms))]);
      assert.equal(ended, undefined, "it was closed");
      assert.deepEqual(queue, [], "a message came");
    },
  };
}

async function acknowledged(payload) {
  const client = await open();
  client.send({ type: ConnectionInit, payload });
  assert.deepEqual(await client.next(), { type: ConnectionAck });
  return client;
}

const subscribe = (id, query) => ({ id, type: Subscribe, payload: { query } });
const closes = async (client, code, reason) => assert.deepEqual(await client.closed, { code, reason, wasClean: true });

const raw = {
  "no subprotocol is answered when none is offered that is known": async () => {
    for (const offered of ["notme", ["graphql", "json"], `${GRAPHQL_TRANSPORT_WS_PROTOCOL}gibberish`]) {
      await assert.rejects(open(offered), /Server sent no subprotocol/);
    }
  },
  "the subprotocol is chosen among several": async () => {
    const client = await open(["this", GRAPHQL_TRANSPORT_WS_PROTOCOL, "one"]);
    assert.equal(client.socket.protocol, GRAPHQL_TRANSPORT_WS_PROTOCOL);
    await client.quiet();
  },
  "a connection is acknowledged with parameters, and without": async () => {
    await (await acknowledged()).quiet();
    await (await acknowledged({ some: "string", number: 10 })).quiet();
  },
  "a socket without an initialization in time is closed": async () => {
    await closes(await open(), CloseCode.ConnectionInitialisationTimeout, "Connection initialisation timeout");
  },
  "a second initialization closes the socket": async () => {
    const client = await acknowledged();
    client.send({ type: ConnectionInit });
    await closes(client, CloseCode.TooManyInitialisationRequests, "Too many initialisation requests");
  },
  "a second initialization closes the socket while the first is pending": async () => {
    const client = await open();
    client.send({ type: ConnectionInit });
    client.send({ type: ConnectionInit });
    await closes(client, CloseCode.TooManyInitialisationRequests, "Too many initialisation requests");
  },
  "a ping is answered by a pong, before the initialization too": async () => {
    const client = await open();
    client.send({ type: Ping });
    assert.deepEqual(await client.next(), { type: Pong });
  },
  "a pong brings back the payload of the ping": async () => {
    const client = await open();
    client.send({ type: Ping, payload: { iCome: "back" } });
    assert.deepEqual(await client.next(), { type: Pong, payload: { iCome: "back" } });
  },
  "a pong is not answered": async () => {
    const client = await open();
    client.send({ type: Pong });
    await client.quiet();
  },
  "an operation before the acknowledgement closes the socket": async () => {
    const client = await open();
    client.send({ id: "1", type: Subscribe, payload: { operationName: "NoAck", query: "subscription NoAck {}", variables: {} } });
    await closes(client, CloseCode.Unauthorized, "Unauthorized");
  },
  "a message that is none closes the socket": async () => {
    for (const message of ["", "{", "5", "null", { type: "unknown" }, { id: "1", type: Next, payload: {} }, { type: Subscribe }]) {
      const client = await acknowledged();
      client.send(message);
      const { code, wasClean } = await client.closed;
      assert.deepEqual({ code, wasClean }, { code: CloseCode.BadRequest, wasClean: true }, JSON.stringify(message));
    }
  },
  "a query has one result, then completes": async () => {
    const client = await acknowledged();
    client.send({ id: "1", type: Subscribe, payload: { operationName: "Regions", query: "query Regions { regions { code } }", variables: {} } });
    const result = await client.next();
    assert.deepEqual([result.id, result.type, result.payload.data.regions.length], ["1", Next, 6]);
    assert.deepEqual(await client.next(), { id: "1", type: Complete });
    await client.quiet();
  },
  "a document that is not valid is an error, and nothing follows": async () => {
    const client = await acknowledged();
    for (const query of ["query TestNoField { testNumber testBoolean }", "{", "subscription { testNumber }"]) {
      client.send(subscribe("1", query));
      const message = await client.next();
      assert.deepEqual([message.id, message.type], ["1", "error"], query);
      assert.ok(Array.isArray(message.payload) && message.payload[0].message.length > 0, query);
      assert.ok(!("data" in message.payload), query);
      await client.quiet(50);
    }
  },
  "an error of a field is part of a result": async () => {
    const client = await acknowledged();
    client.send(subscribe("1", '{ metric(id: "no_such_metric") { asOf } }'));
    const result = await client.next();
    assert.deepEqual([result.type, result.payload.errors[0].path], [Next, ["metric"]]);
    assert.deepEqual(await client.next(), { id: "1", type: Complete });
  },
  "a subscription has a result at once and goes on until the client completes it": async () => {
    const client = await acknowledged();
    client.send(subscribe("1", updates));
    assert.equal((await client.next()).type, Next);
    await client.quiet();
    client.send({ id: "1", type: Complete });
    await client.quiet();
    client.send(subscribe("1", updates));
    assert.equal((await client.next()).type, Next, "the id is free again");
  },
  "an operation is completed before its result is there": async () => {
    const client = await acknowledged();
    client.send(subscribe("1", '{ metric(id: "capability_performance", groupBy: [REGION, CAPABILITY]) { rows { n } } }'));
    client.send({ id: "1", type: Complete });
    client.send({ type: Ping });
    let message = await client.next();
    // A result may have been under way already; after the pong nothing comes.
    while (message.type !== Pong) message = await client.next();
    await client.quiet();
  },
  "completing what is not there does nothing": async () => {
    const client = await acknowledged();
    client.send({ id: "never", type: Complete });
    await client.quiet();
  },
  "an id that is in use closes the socket": async () => {
    const client = await acknowledged();
    client.send(subscribe("not-unique", updates));
    assert.equal((await client.next()).type, Next);
    client.send(subscribe("not-unique", "{ regions { code } }"));
    await closes(client, CloseCode.SubscriberAlreadyExists, "Subscriber for not-unique already exists");
  },
  "an id that is still preparing closes the socket": async () => {
    const client = await acknowledged();
    client.send(subscribe("not-unique", updates));
    client.send(subscribe("not-unique", updates));
    await closes(client, CloseCode.SubscriberAlreadyExists, "Subscriber for not-unique already exists");
  },
  "a close is answered, before and after the acknowledgement": async () => {
    for (const client of [await open(), await acknowledged()]) {
      client.socket.close(4321, "Byebye");
      assert.deepEqual(await client.closed, { code: 4321, reason: "", wasClean: true });
    }
    const client = await acknowledged();
    client.send(subscribe("1", updates));
    client.socket.close();
    assert.equal((await client.closed).wasClean, true, "with an operation under way");
  },
};

/** A graphql-ws client that notes how its sockets end. */
function create(options = {}) {
  const ends = [];
  const on = { closed: (event) => ends.push({ code: event.code, wasClean: event.wasClean }) };
  return { ends, client: createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0, lazy: true, on, ...options }) };
}

const first = async (client, query) => {
  for await (const result of client.iterate({ query })) return result;
};

const npm = {
  "queries run one after the other, each on a socket that closes normally": async () => {
    const { client, ends } = create();
    for (let number = 0; number < 20; number++) {
      assert.equal((await first(client, "{ regions { code } }")).data.regions.length, 6);
    }
    await client.dispose();
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.ok(ends.length > 0 && ends.every(({ code, wasClean }) => code === 1000 && wasClean), JSON.stringify(ends));
  },
  "a subscription straight after a closed one gets its result without a retry": async () => {
    const { client, ends } = create();
    for (let number = 0; number < 20; number++) {
      assert.ok((await first(client, updates)).data.warehouseUpdated.version >= 0);
    }
    await client.dispose();
    assert.ok(ends.every(({ code }) => code === 1000), JSON.stringify(ends));
  },
  "many operations share a socket": async () => {
    const { client } = create({ lazy: false });
    const results = await Promise.all(Array.from({ length: 50 }, () => first(client, "{ regions { code } }")));
    assert.ok(results.every(({ data }) => data.regions.length === 6));
    await client.dispose();
  },
  "errors of a document reach the sink as GraphQL errors": async () => {
    const { client } = create();
    await assert.rejects(first(client, "{ nonsense }"), (errors) => Array.isArray(errors) && errors[0].extensions.code === "BAD_USER_INPUT");
    assert.equal((await first(client, "{ regions { code } }")).data.regions.length, 6, "the client goes on");
    await client.dispose();
  },
  "the client's own keep-alive is answered": async () => {
    let pongs = 0;
    const { client } = create({ lazy: false, keepAlive: 50, on: { pong: () => pongs++ } });
    await new Promise((resolve) => setTimeout(resolve, 400));
    await client.dispose();
    assert.ok(pongs >= 3, `${pongs} pongs`);
  },
};

/** With keys: the server needs one from here on. */
const keyed = {
  "a key in the connection parameters opens the connection, and a revoked one closes it": async () => {
    const name = `graphql-ws-${process.pid}`;
    const key = execFileSync(hotwash, ["key", "create", name, "--role", "analyst"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    for (const parameter of ["authorization", "Authorization"]) {
      const { client } = create({ connectionParams: async () => ({ [parameter]: `Bearer ${key}` }) });
      assert.equal((await first(client, "{ regions { code } }")).data.regions.length, 6);
      await client.dispose();
    }
    for (const connectionParams of [undefined, {}, { authorization: "Bearer hw_wrong" }]) {
      const { client } = create({ connectionParams, retryAttempts: 5 });
      await assert.rejects(first(client, "{ regions { code } }"), ({ code }) => code === CloseCode.Unauthorized, "and is not tried again");
    }
    const { client } = create({ connectionParams: { authorization: `Bearer ${key}` }, retryAttempts: 5 });
    const results = client.iterate({ query: updates });
    assert.ok((await results.next()).value.data);
    const ended = assert.rejects(results.next(), ({ code, wasClean }) => code === CloseCode.Unauthorized && wasClean);
    execFileSync(hotwash, ["key", "revoke", name], { stdio: "ignore" });
    const began = Date.now();
    await ended;
    assert.ok(Date.now() - began < 2_000, `${Date.now() - began} ms`);
  },
};

const limit = setTimeout(() => { console.log("the cases did not end within two minutes"); process.exit(1); }, 120_000);
const cases = Object.entries({ ...raw, ...npm, ...keyed });
for (const [name, run] of cases) {
  try {
    await run();
  } catch (error) {
    console.log(`graphql-transport-ws: ${name}\n${error.stack ?? JSON.stringify(error)}`);
    process.exit(1);
  }
}
clearTimeout(limit);
console.log(`graphql-transport-ws: ${cases.length} cases with graphql-ws and ws`);
process.exit(0);
