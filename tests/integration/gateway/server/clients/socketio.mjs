// A Socket.IO client: prints each event as a line, and takes commands from its standard input, a word a line.
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const [url, token] = process.argv.slice(2);
const say = (event, data) => console.log(JSON.stringify({ event, data }));
const socket = io(url, { transports: ["websocket"], auth: token ? { token } : {}, reconnectionDelay: 100, reconnectionDelayMax: 500 });

socket.on("connect", () => say("connect"));
socket.on("connect_error", (error) => say("connect_error", { message: error.message, ...error.data }));
socket.on("disconnect", (reason) => say("disconnect", reason));
for (const name of ["notification_received", "unread_sync"]) socket.on(name, (data) => say(name, data));

for await (const word of createInterface({ input: process.stdin })) {
  if (word === "quit") break;
  socket.emit(word);
}
socket.disconnect();
