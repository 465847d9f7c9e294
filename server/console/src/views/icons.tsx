// SPDX-License-Identifier: Apache-2.0
// icons.tsx -- small drawings that stand beside their word, never alone.

const SHAPES: Record<string, string> = {
	fire: 'M12 2c1 4 5 6 5 11a5 5 0 0 1-10 0c0-2 1-3 2-4 0 2 1 3 2 3 2-3-1-6 1-10zM12 22a7 7 0 0 0 7-8c0 5-3 8-7 8zm0 0c-4 0-7-3-7-8a7 7 0 0 0 7 8z',
	crime: 'M12 2l8 3v6c0 5-3 9-8 11-5-2-8-6-8-11V5zm-1 5v6h2V7zm0 8v2h2v-2z',
	medical: 'M9 3h6v6h6v6h-6v6H9v-6H3V9h6z',
	disaster: 'M2 19 9 6l4 7 3-4 6 10zM3 22h18v-2H3z',
	unspecified: 'M12 2 1 21h22zm-1 7h2v6h-2zm0 8h2v2h-2z',
	normal: 'M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm-1.5 15L6 12.5l1.700-1.700 2.800 2.800 6-6 1.700 1.700z',
	alarm: 'M12 2a7 7 0 0 0-7 7v5l-2 3v1h18v-1l-2-3V9a7 7 0 0 0-7-7zm-3 17a3 3 0 0 0 6 0z',
	trouble: 'M21 6.500a5 5 0 0 1-6.700 4.700L7 18.500A2.100 2.100 0 0 1 4 15.500l7.300-7.300A5 5 0 0 1 17.500 2l-3 3 .5 3.500 3.500.5z',
	unsupervised: 'M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm-4 4.600 4 4 4-4 1.400 1.400-4 4 4 4-1.400 1.400-4-4-4 4L6.600 16l4-4-4-4z',
	unknown: 'M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm-1 15h2v2h-2zm3-4.500c-.8.600-1 .9-1 2h-2c0-2 .6-2.700 1.600-3.500.9-.7 1.300-1.100 1.300-1.900a1.900 1.900 0 0 0-3.800 0H8a4 4 0 0 1 8 0c0 1.700-1 2.500-2 3.400z',
	disabled: 'M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zM6 11h12v2H6z',
	test: 'M9 2v2h1v5L4 20v2h16v-2L14 9V4h1V2zm1 13 2-4 2 4z',
	sound: 'M3 9v6h4l6 5V4L7 9zm12-1a5 5 0 0 1 0 8zm0-4a9 9 0 0 1 0 16v-2a7 7 0 0 0 0-12z',
	mute: 'M3 9v6h4l6 5V4L7 9zm12 1 1-1 2 2 2-2 1 1-2 2 2 2-1 1-2-2-2 2-1-1 2-2z',
	phone: 'M5 2h4l2 5-2.500 1.500a12 12 0 0 0 5 5L15 11l5 2v4a3 3 0 0 1-3 3A15 15 0 0 1 2 5a3 3 0 0 1 3-3z',
};

export function Icon({ name }: { name: string }) {
	return (
		<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
			<path fill="currentColor" fill-rule="evenodd" d={SHAPES[name] ?? SHAPES.unspecified} />
		</svg>
	);
}
