#!/usr/bin/env node
// Keeps a list of addresses to send nothing more to: README.md. Node 14 or later.
//
// usage: consumer.js SOCKET NAME FILE
'use strict';
const fs = require('fs');
const net = require('net');

const [path, name, file] = process.argv.slice(2);
if (file === undefined) {
  console.error('usage: consumer.js SOCKET NAME FILE');
  process.exit(2);
}
const suppressed = fs.openSync(file, 'a');

// The list is on disk before the event is acknowledged.
function suppress(recipient) {
  fs.writeSync(suppressed, recipient + '\n');
  fs.fsyncSync(suppressed);
}

function take(server, line) {
  const message = JSON.parse(line);
  if ('following' in message) server.isOurs = true;
  // events before the answer to FOLLOW weren't asked for, and come again
  if ('v' in message && server.isOurs) {
    if (message.kind === 'bounce' && message.advice === 'suppress' && message.recipient !== undefined) {
      suppress(message.recipient);
    }
    server.write(`ACK ${message.seq}\n`);
  } else if ('gap' in message || 'error' in message) {
    console.error('dsnd:', line);
  }
}

// Takes events until the connection ends, then tries again.
function follow() {
  const server = net.connect(path, () => server.write(`FOLLOW ${name}\n`));
  let rest = '';
  server.setEncoding('utf8');
  server.on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    lines.forEach((line) => take(server, line));
  });
  server.on('error', (error) => console.error(error.message));
  server.on('close', () => setTimeout(follow, 1000));
}

follow();
