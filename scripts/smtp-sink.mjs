// A mail server for tests: takes mail from whoever signs in as `flows` with the password `sink`, and
// writes each as a line of JSON into the file it is given. Refuses mail for anybody whose name begins
// with `nobody`, and asks to come again for those that begin with `later`.
// By hand: node scripts/smtp-sink.mjs FILE; its port is the first line that it prints.

import { appendFile } from "node:fs/promises";
import { SMTPServer } from "smtp-server";

const file = process.argv[2];

const refusal = (code, text) => Object.assign(new Error(text), { responseCode: code });

const server = new SMTPServer({
  // Signing in is what is tested, over a loopback that nobody else hears.
  allowInsecureAuth: true,
  disabledCommands: ["STARTTLS"],
  onAuth({ username, password }, _session, done) {
    if (username === "flows" && password === "sink") done(null, { user: username });
    else done(refusal(535, "no such user, or another password"));
  },
  onRcptTo({ address }, _session, done) {
    if (address.startsWith("nobody")) done(refusal(550, "there is nobody of that name"));
    else if (address.startsWith("later")) done(refusal(451, "come again later"));
    else done();
  },
  onData(stream, session, done) {
    let text = "";
    stream.on("data", (part) => (text += part));
    stream.on("end", async () => {
      const to = session.envelope.rcptTo.map(({ address }) => address);
      const from = session.envelope.mailFrom.address;
      await appendFile(file, `${JSON.stringify({ from, to, text })}\n`);
      done();
    });
  },
});

server.listen(0, "127.0.0.1", () => console.log(server.server.address().port));
