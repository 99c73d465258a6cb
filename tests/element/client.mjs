// Element without its windows: one login of matrix-js-sdk with its own (Rust) encryption, kept in memory.
//
// A request is one line of JSON on standard input, {"id", "ask", …}; its answer one line on standard output, {"id", "is"}
// or {"id", "error"}. `tests/element/client.py` speaks it. Ends when its input does.
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { Attachment, EncryptedAttachment } from "@matrix-org/matrix-sdk-crypto-wasm";
import { createClient, EventTimeline } from "matrix-js-sdk";
import * as cryptoApi from "matrix-js-sdk/lib/crypto-api/index.js";

const SHIELDS = ["none", "grey", "red"];
const WITHIN_MS = 20_000;
let client, crypto, recoveryKey;

// The library tells much on the console, which is where our answers go.
for (const level of ["trace", "debug", "info", "log", "warn", "error"]) console[level] = () => {};
process.on("unhandledRejection", (reason) => process.stderr.write(`element: ${reason?.stack ?? reason}\n`));

const asked = {
  async start({ url, user, device, token }) {
    const keys = async ({ keys }) => [Object.keys(keys)[0], recoveryKey];
    client = createClient({
      baseUrl: url, userId: user, deviceId: device, accessToken: token,
      cryptoCallbacks: { getSecretStorageKey: keys, cacheSecretStorageKey: () => {} },
    });
    await client.initRustCrypto({ useIndexedDB: false });
    crypto = client.getCrypto();
    await client.startClient({ initialSyncLimit: 100 });
    await until(() => client.isInitialSyncComplete());
  },

  // A new identity for this account, and this device signed by it; answers the recovery key for its next device.
  async identity({ password }) {
    await crypto.bootstrapCrossSigning({ authUploadDeviceSigningKeys: (request) => withPassword(request, password) });
    const made = await crypto.createRecoveryKeyFromPassphrase();
    recoveryKey = made.privateKey;
    await crypto.bootstrapSecretStorage({ createSecretStorageKey: async () => made, setupNewSecretStorage: true });
    return made.encodedPrivateKey;
  },

  // What Element calls "verify this device with your recovery key".
  async recover({ key }) {
    recoveryKey = cryptoApi.decodeRecoveryKey(key);
    // Secrets are taken only for an identity whose public part is there, and nobody waits for that but us.
    await until(() => crypto.userHasCrossSigningKeys(client.getUserId(), true));
    await crypto.bootstrapCrossSigning({});
  },

  async isolate() {
    crypto.setDeviceIsolationMode(new cryptoApi.OnlySignedDevicesIsolationMode());
  },

  async send({ room, type, content, txn }) {
    await joined(room);
    return (await client.sendEvent(room, type, content, txn ?? undefined)).event_id;
  },

  // The next message begins a new Megolm session.
  async rotate({ room }) {
    await crypto.forceDiscardSession(room);
  },

  async messages({ room }) {
    const found = await joined(room);
    while (found.oldState.paginationToken) await client.scrollback(found, 100);
    return Promise.all(timeline(found).map(shown));
  },

  async attachment({ room, event }) {
    const content = timeline(await joined(room)).find((one) => one.getId() === event).getContent();
    const kept = await fetch(client.mxcUrlToHttp(content.file.url, undefined, undefined, undefined, false, true, true), {
      headers: { authorization: `Bearer ${client.getAccessToken()}` },
    });
    const encrypted = new EncryptedAttachment(new Uint8Array(await kept.arrayBuffer()), JSON.stringify(content.file));
    return Buffer.from(Attachment.decrypt(encrypted)).toString("base64");
  },

  async attach({ room, data, name, mimetype }) {
    const encrypted = Attachment.encrypt(Buffer.from(data, "base64"));
    const { content_uri: url } = await client.uploadContent(encrypted.encryptedData, { includeFilename: false });
    const file = { ...JSON.parse(encrypted.mediaEncryptionInfo), url };
    const content = { msgtype: mimetype.startsWith("image/") ? "m.image" : "m.file", body: name, file, info: { mimetype } };
    return asked.send({ room, type: "m.room.message", content });
  },

  async devices({ user }) {
    const known = (await crypto.getUserDeviceInfo([user], true)).get(user)?.keys() ?? [];
    return Promise.all([...known].map(async (device) => {
      const status = await crypto.getDeviceVerificationStatus(user, device);
      if (!status) throw new Error(`${user} is not followed: send something into an encrypted room with them first`);
      return { device, signed_by_owner: status.signedByOwner, cross_signing_verified: status.crossSigningVerified };
    }));
  },

  async logout() {
    await client.logout(true);
  },
};

async function until(holds) {
  const deadline = Date.now() + WITHIN_MS;
  for (let value; Date.now() < deadline; await sleep(20)) if ((value = await holds())) return value;
  throw new Error("it took too long");
}

// The room, once this client has heard that it is in there.
function joined(id) {
  return until(() => {
    const room = client.getRoom(id);
    return room?.getMyMembership() === "join" && room;
  });
}

function timeline(room) {
  const events = [];
  for (let part = room.getLiveTimeline(); part; part = part.getNeighbouringTimeline(EventTimeline.BACKWARDS)) {
    events.unshift(...part.getEvents());
  }
  return events.filter((event) => !event.status);
}

// An event as the homeserver gave it, decrypted; and as Element draws it: with its shield, or why it cannot be read.
async function shown(event) {
  await client.decryptEventIfNeeded(event);
  const problem = event.isDecryptionFailure() ? event.decryptionFailureReason : null;
  const wire = event.getWireContent();
  // Threads, replies and edits are found by the relation outside of the encryption, and by no other.
  const relation = wire["m.relates_to"] && { "m.relates_to": wire["m.relates_to"] };
  const { "m.relates_to": _, ...clear } = problem ? wire : event.getOriginalContent();
  const info = event.isEncrypted() && !problem ? await crypto.getEncryptionInfoForEvent(event) : null;
  return {
    event_id: event.getId(),
    type: problem ? event.getWireType() : event.getType(),
    sender: event.getSender(),
    origin_server_ts: event.getTs(),
    ...(event.isState() && { state_key: event.getStateKey() }),
    content: { ...clear, ...relation },
    unsigned: event.getUnsigned(),
    as_element: {
      is_encrypted: event.isEncrypted(),
      session: wire.session_id ?? null,
      problem,
      shield: SHIELDS[info?.shieldColour ?? 0],
      reason: cryptoApi.EventShieldReason[info?.shieldReason] ?? null,
      body: problem ? null : event.getContent().body ?? null,
    },
  };
}

async function withPassword(request, password) {
  try {
    return await request(null);
  } catch (refused) {
    const session = refused.data?.session;
    if (!session) throw refused;
    const identifier = { type: "m.id.user", user: client.getUserId() };
    return await request({ type: "m.login.password", identifier, password, session });
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, ask, ...how } = JSON.parse(line);
  const answer = await asked[ask](how).then((is) => ({ is: is ?? null }), (error) => ({ error: String(error) }));
  process.stdout.write(`${JSON.stringify({ id, ...answer })}\n`);
}
process.exit();
