// SPDX-License-Identifier: Apache-2.0
// The host's end of the control port: shell commands to the guest, one at a time, each with its time limit.
const GRACE_MS = 10000;

export class Control {
	#socket;
	#input = Buffer.alloc(0);
	#waiting = []; // in the order of sending, which is the guest's order of answering
	#lastId = 0;
	#ended = null;

	constructor(socket) {
		this.#socket = socket;
		this.ready = new Promise((resolve, reject) => this.#waiting.push({ id: 0, resolve, reject }));
		this.ready.catch(() => {}); // whoever awaits it hears of it; an early end must not be "unhandled"
		socket.on('data', (chunk) => this.#take(chunk));
		socket.on('error', () => {});
		socket.on('close', () => this.end(new Error('the machine has closed its control port')));
	}

	// Fails what still waits and everything from now on.
	end(reason) {
		this.#ended ??= reason;
		for (const { reject } of this.#waiting.splice(0))
			reject(this.#ended);
		this.#socket.destroy();
	}

	// { status, out, err } of a shell command. Killed after seconds, which rejects.
	async attempt(command, seconds) {
		if (this.#ended)
			throw this.#ended;
		const id = ++this.#lastId;
		const ahead = this.#waiting.reduce((sum, one) => sum + (one.seconds ?? 0), 0);
		const answer = new Promise((resolve, reject) =>
			this.#waiting.push({ id, seconds, resolve, reject }));
		const limit = (ahead + seconds) * 1000 + GRACE_MS;
		const timer = setTimeout(() => this.end(new Error(`the machine hangs at: ${command}`)), limit);
		const begun = Date.now();
		this.#socket.write(`${id} ${seconds} ${Buffer.from(command).toString('base64')}\n`);
		const result = await answer.finally(() => clearTimeout(timer));
		if (result.status === 137 && Date.now() - begun >= seconds * 1000)
			throw new Error(`killed after ${seconds} s in the guest: ${command}\n${result.out}${result.err}`);
		return result;
	}

	#take(chunk) {
		this.#input = Buffer.concat([this.#input, chunk]);
		while (this.#waiting.length && this.#takeOne())
			;
	}

	#takeOne() {
		const end = this.#input.indexOf('\n');
		if (end < 0)
			return false;
		const line = this.#input.toString('utf8', 0, end);
		if (line === 'ready' || line === 'broken') {
			this.#input = this.#input.subarray(end + 1);
			this.#settleReady(line);
			return true;
		}
		const [id, status, outBytes, errBytes] = line.split(' ').map(Number);
		const bodyEnd = end + 1 + outBytes + errBytes;
		if (id !== this.#waiting[0].id) {
			this.end(new Error(`the control port is out of step: ${line}`));
			return false;
		}
		if (this.#input.length < bodyEnd)
			return false;
		const out = this.#input.toString('utf8', end + 1, end + 1 + outBytes);
		const err = this.#input.toString('utf8', end + 1 + outBytes, bodyEnd);
		this.#input = this.#input.subarray(bodyEnd);
		this.#waiting.shift().resolve({ status, out, err });
		return true;
	}

	#settleReady(line) {
		const { resolve, reject } = this.#waiting.shift();
		if (line === 'ready')
			resolve();
		else
			reject(new Error('the guest could not start'));
	}
}
