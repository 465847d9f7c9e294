# SPDX-License-Identifier: Apache-2.0
# Sourced by scripts/run and scripts/test: says what is being done, keeps the words of what went well to itself.

say() { printf '%s\n' "$*"; }

# step TEXT COMMAND...: shows TEXT and the time taken; the command's output only when it fails.
step() {
	text=$1; shift
	begun=$(date +%s)
	log=$(mktemp)
	[ -t 1 ] && printf '%-48s ...' "$text"
	if "$@" >"$log" 2>&1; then
		[ -t 1 ] && printf '\r'
		printf '%-48s %4d s\n' "$text" $(($(date +%s) - begun))
		rm -f "$log"
		return 0
	fi
	[ -t 1 ] && printf '\r'
	printf '%-48s FAILED\n' "$text"
	tail -n 60 "$log" >&2
	rm -f "$log"
	return 1
}

# build_preset PRESET [TARGET...]: configures once (or with $cmake_options, where they are given), builds.
cmake_options=
build_preset() {
	preset=$1; shift
	if [ -n "$cmake_options" ] || [ ! -f "$root/build/$preset/build.ninja" ]; then
		(cd "$root" && cmake --preset "$preset" $cmake_options) || return 1
	fi
	if [ $# -gt 0 ]; then cmake --build "$root/build/$preset" --target "$@"
	else cmake --build "$root/build/$preset"
	fi
}

# The page: npm's packages by name and lock file, then one bundle in build/console.
build_console() {
	stamp=$root/server/console/node_modules/.pospin-lock
	if ! cmp -s "$root/server/console/package-lock.json" "$stamp"; then
		npm --prefix "$root/server/console" ci --no-audit --no-fund --loglevel=error || return 1
		cp "$root/server/console/package-lock.json" "$stamp"
	fi
	npm --prefix "$root/server/console" run --silent build -- --outdir="$root/build/console"
}
