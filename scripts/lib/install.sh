# SPDX-License-Identifier: Apache-2.0
# Sourced by scripts/run and scripts/test: installs the Debian packages that are missing, and nothing else.

# What building and running the whole system needs.
RUN_PACKAGES="build-essential cmake ninja-build pkg-config
	libgpiod-dev libpaho-mqtt-dev libsystemd-dev libjansson-dev libyaml-dev libcurl4-openssl-dev
	libssl-dev libsodium-dev zlib1g-dev libsqlite3-dev libmicrohttpd-dev libcmocka-dev
	nodejs npm mosquitto mosquitto-dev influxdb curl openssl ca-certificates"
# What the tests need beyond that.
TEST_PACKAGES="git python3-aiosmtpd sqlite3 victoria-metrics universal-ctags clang-format chromium fonts-noto-core
	qemu-system-x86 busybox-static cpio kmod xz-utils bzip2 bc iproute2 e2fsprogs libedit2 systemd dbus-daemon
	libelf-dev flex bison clang"

installed() { dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"
	elif command -v sudo >/dev/null; then sudo "$@"
	else echo "pospin: installing packages needs root: run as root, or install sudo" >&2; return 1
	fi
}

# A package is satisfied by the command it brings where a machine has that from elsewhere (Node by its own packager).
satisfied() {
	case $1 in
	npm|nodejs) command -v "${1%js}" >/dev/null ;;
	libgpiod-dev) dpkg --compare-versions "$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null || echo 0)" ge 2 ;;
	*) installed "$1" ;;
	esac
}

# debian_mirror RELEASE: the mirror of that release that apt uses on this machine.
debian_mirror() {
	apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(LABEL)' 'Created-By: Packages' |
		awk -v release="$1" '$2 == release && $3 == "Debian" && !found { print $1; found = 1 }'
}

# Debian 12 keeps libgpiod 2 and a newer Mosquitto in backports. The mirror is the one that apt uses already.
add_backports() {
	list=/etc/apt/sources.list.d/pospin-backports.list
	[ -e $list ] && return 0
	apt-cache policy | grep 'n=bookworm-backports' && return 0
	mirror=$(debian_mirror bookworm)
	if [ -z "$mirror" ]; then
		echo "pospin: apt knows no Debian 12 mirror; add one to /etc/apt/sources.list" >&2
		return 1
	fi
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror bookworm-backports main" |
		as_root tee $list >/dev/null
}

apt_install() { as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; }

install_from_backports() {
	add_backports && as_root apt-get update || return 1
	for package in libgpiod-dev mosquitto mosquitto-dev; do
		case " $* " in *" $package "*) apt_install -t bookworm-backports "$package" || return 1 ;; esac
	done
}

# fetch_promtool: Prometheus' own checker into build/tools. The package is only unpacked: installed, it would start a service.
fetch_promtool() {
	command -v promtool >/dev/null || [ -x "$root/build/tools/promtool" ] && return 0
	unpacked=$(mktemp -d) || return 1
	(cd "$unpacked" && apt-get download prometheus && dpkg-deb -x prometheus_*.deb .) &&
		mkdir -p "$root/build/tools" && cp "$unpacked/usr/bin/promtool" "$root/build/tools/promtool"
	status=$?
	rm -rf "$unpacked"
	return $status
}

# install_packages PACKAGE...: installs what is missing; quiet unless it fails.
install_packages() {
	missing=
	for package in "$@"; do satisfied "$package" || missing="$missing $package"; done
	[ -n "$missing" ] || return 0
	codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
	echo "installing:$missing"
	log=$(mktemp)
	if ! {
		as_root apt-get update &&
		if [ "$codename" = bookworm ]; then install_from_backports $missing; fi &&
		apt_install $missing
	} >"$log" 2>&1; then
		echo "pospin: installing packages failed; the end of apt's own words:" >&2
		tail -n 20 "$log" >&2
		rm -f "$log"
		return 1
	fi
	rm -f "$log"
}
