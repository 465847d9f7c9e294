// SPDX-License-Identifier: Apache-2.0
// api.ts -- calls of the HTTP API. A call is answered, refused with the server's reason, or unanswered; never guessed.
import { inertParse } from './inert';

const TIMEOUT_MS = 10000;

/** status 0: no answer came, and what the server did is not known. */
export class Refusal extends Error {
	constructor(readonly status: number, detail: string) {
		super(detail);
	}
}

interface Options {
	method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
	body?: unknown;
	/** As it was sent, to the last character: for whoever computes hashes of it. */
	raw?: boolean;
}

async function refusalOf(response: Response): Promise<Refusal> {
	let detail = `${response.status} ${response.statusText}`.trim();
	try {
		const problem = inertParse(await response.text());
		if (typeof problem === 'object' && problem !== null && 'detail' in problem && typeof problem.detail === 'string')
			detail = problem.detail;
	} catch {
		// A proxy's own words are no JSON; the status says it.
	}
	return new Refusal(response.status, detail);
}

/** GET unless said otherwise. Throws a Refusal. */
export async function call<T>(path: string, { method = 'GET', body, raw = false }: Options = {}): Promise<T> {
	const abort = new AbortController();
	const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
	try {
		const response = await fetch(`/api/v1${path}`, {
			method,
			signal: abort.signal,
			cache: 'no-store',
			headers: method === 'GET' ? {} : { 'X-PosPin': '1', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		if (!response.ok) throw await refusalOf(response);
		if (response.status === 204) return undefined as T;
		const text = await response.text();
		return (raw ? JSON.parse(text) : inertParse(text)) as T;
	} catch (error) {
		if (error instanceof Refusal) throw error;
		throw new Refusal(0, error instanceof Error ? error.message : String(error));
	} finally {
		clearTimeout(timer);
	}
}
