// SPDX-License-Identifier: Apache-2.0
// narrator.mjs -- what happens, in short lines for a terminal: each step of the record as it is written, each message as it arrives.
import http from 'node:http';

const CLASSES = { crime: 'kejahatan / crime', fire: 'kebakaran / fire', medical: 'medis / medical', disaster: 'bencana / disaster' };
const RINGS = { desk: 'meja / desk', neighbours: 'tetangga / neighbours', agencies: 'instansi / agencies', fallback: 'cadangan / fallback' };
const CALLS = {
	refused: 'menolak / refuses', accepted: 'akan datang / is coming', 'en-route': 'berangkat / on the way', 'on-scene': 'tiba / has arrived',
	done: 'selesai / done', expired: 'tidak menjawab / did not answer', stopped: 'tidak perlu lagi / no longer needed',
};
const STEPS = {
	acknowledged: 'diambil oleh / taken by', dispatched: 'bantuan dikirim / help is sent:', 'on-scene': 'bantuan tiba / help has arrived:',
	closed: 'ditutup oleh / closed by', returned: 'kembali ke meja / back to the desk:',
};

const line = (text) => text.replace(/\s*\n\s*/g, ' | ');

/** One line for an event of the record; null: not worth one. */
export function wordsOf({ kind, actor, incident, post, body }) {
	const [of, what] = kind.split('.');
	const about = `${incident}  `;
	if (kind === 'incident.opened') return `${about}${CLASSES[body.class] ?? body.class}, ${post}`;
	if (kind === 'ladder.step') {
		const called = (body.call ?? []).map((name) => name.replace(/^(contact|agency):/, '')).join(', ');
		return `${about}langkah / step ${body.step}, ${RINGS[body.ring] ?? body.ring}: ${called}`;
	}
	if (of === 'call' && CALLS[what]) return `${about}${body.agency ?? body.contact ?? body.unit ?? ''}: ${CALLS[what]}`;
	if (of === 'incident' && STEPS[what]) return `${about}${STEPS[what]} ${what === 'closed' ? `${actor} (${body.code})` : actor}`;
	if (kind === 'notification.failed') return `${about}${body.channel} ${body.target}: tidak terkirim / not sent: ${body.detail}`;
	return null;
}

/** A message that has arrived, and how whoever it is for answers. */
export function messageWords({ channel, to, text, code }, answer) {
	const told = `  -> ${channel} ${to}: ${line(text)}`;
	return code && answer ? [told, `     jawab / answer: ${answer} YA ${code}   (atau / or TOLAK)`] : [told];
}

/** Calls on(event) for each event that the record gets from now on, until close(). where: { socketPath } or { url, headers }. */
export function openEvents({ url, ...where }, on) {
	let request, timer, closed = false, last = '';
	const again = () => {
		clearTimeout(timer);
		if (!closed) timer = setTimeout(connect, 1000).unref();
	};
	function connect() {
		let text = '';
		const headers = { ...where.headers, ...(last ? { 'last-event-id': last } : {}) };
		request = http.get(`${url ?? 'http://localhost'}/api/v1/events`, { ...where, headers }, (stream) => {
			stream.setEncoding('utf8').on('data', (data) => {
				const blocks = (text + data).split('\n\n');
				text = blocks.pop();
				for (const block of blocks) {
					last = /^id: (\d+)$/m.exec(block)?.[1] ?? last;
					const json = /^data: (.*)$/m.exec(block)?.[1];
					if (json) on(JSON.parse(json));
				}
			}).on('error', () => {}).once('close', again);
		}).on('error', again);
	}
	connect();
	return { close() { closed = true; request.destroy(); } };
}
