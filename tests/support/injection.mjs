// SPDX-License-Identifier: Apache-2.0
// injection.mjs -- texts that want to be more than texts, for every field that a person or a foreign service fills.
// Each holds one mark, INJ and a number, by which it is found again wherever it comes out.

const ESC = '\x1b';
const RAW = {
	html: [
		'<b>X</b>', '<script>alert("X")</script>', '<img src=x onerror=alert(1)>X', '"><svg/onload=alert(1)>X', "'><iframe src=javascript:alert(1)>X",
		'</title><script>X</script>', '<!-- X', ']]>X', '&lt;b&gt;X&amp;', '<a href="javascript:alert(1)">X</a>', '<style>*{display:none}</style>X',
		'<meta http-equiv=refresh content=0;url=//evil.example>X', 'javascript:alert("X")', '<math><mtext></form><form><mglyph>X',
	],
	csv: ['=1+1+cmd|" /C calc"!A0X', '+X', '-2+3+X', '@SUM(1+1)X', '=HYPERLINK("http://evil.example","X")', '\t=X', '"X","Y"', "'=X"],
	ansi: [`${ESC}[31mX${ESC}[0m`, `${ESC}]0;X\x07`, `${ESC}[2J${ESC}[HX`, '\x9b31mX', `X${ESC}[8m`, '\x07X', '\bX\b\b'],
	bidi: ['\u202eX', '\u2066X\u2069', '\u200fX', 'X\u202dY', '\u061cX', '\u200bX', '\ufeffX', '\u2028X', '\u2029X', '\u0085X'],
	lines: ['X\nsecond=1', 'X\r\nSet-Cookie: a=b', 'X\rY', 'X\n\nHTTP/1.1 200 OK', 'X\0Y', 'X\nlevel=error id=forged', 'data: X\n\nevent: forged', 'X\x0bY\x0c'],
	headers: ['X%0d%0aSet-Cookie:a=b', 'X\r\n\r\n<html>', 'Bcc: a@evil.example X'],
	templates: ['{{X}}', '${X}', '#{X}', '<%= X %>', '{number} X', '%s%n%x X', '$(touch /tmp/X)', '`X`', '|| X', '; X', '\\u0041X'],
	sql: ["'; DROP TABLE incident; -- X", "' OR '1'='1 X", 'X%_\\', '") UNION SELECT X', "X'||(SELECT 1)||'"],
	json: ['"}],"X":{"a":"', '\\"X', '{"X":1}', 'null X', '\\', 'X\\\\"'],
	line: ['X,tag=1 field=2i 3', 'X value=1', 'a\\ X', 'X=\\'],
	paths: ['../../etc/passwd X', '/dev/null X', 'X/../..', 'file:///X'],
	long: ['X'.padEnd(70, 'A'), 'X'.padEnd(3000, 'B'), `X${'\u{1f6a8}'.repeat(40)}`, 'X'.padEnd(100, '\u0301')],
};

/** [{ kind, mark, text }] */
export const PAYLOADS = Object.entries(RAW).flatMap(([kind, texts]) => texts.map((text) => ({ kind, text })))
	.map(({ kind, text }, i) => {
		const mark = `INJ${String(i).padStart(3, '0')}`;
		return { kind, mark, text: text.includes('X') ? text.replace('X', mark) : `${text}${mark}` };
	});

/** Whether a text of one line may hold it: no control characters but line feed and tab, and those only in notes. */
export function isAccepted(text, { max, lines }) {
	// eslint-disable-next-line no-control-regex
	const control = lines ? /[\x00-\x08\x0b-\x1f\x7f]/ : /[\x00-\x1f\x7f]/;
	return Buffer.byteLength(text) <= max && !control.test(text);
}
