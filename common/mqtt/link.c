/* SPDX-License-Identifier: Apache-2.0 */
/* link.c -- one connection attempt on Paho's MQTTAsync, and repairs of Paho's ways with
 * sockets. */
#include "link.h"

#include <MQTTAsync.h>
#include <dlfcn.h>
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"

enum {
	WINDOW_LIMIT = 64, /* publishes inside Paho; below its own limit of 100 */
	PAHO_NO_MEMORY = -99,
	FIRST_FAILURE_CODE = 0x80,
	IDLE_SLEEP_US = 100000,
	REAL_WAIT_US = 5000,
	IDLE_POLL_MS = 1000,
	CONNECT_POLL_MS = 10,
};

struct pp_link {
	const struct pp_mqtt_options *options;
	const struct pp_link_ops *ops;
	void *user;
	MQTTAsync handle;
	atomic_bool connecting;
	char tls_error[96]; /* what OpenSSL said first; under Paho's lock */
};

/* Paho's lists belong to the process: MQTTAsync_destroy empties its command list without the lock
 * under which another client's MQTTAsync_send fills it, and a connect that meets the stopping of
 * its threads is never served. So calls are made one at a time. No callback takes this lock. */
static pthread_mutex_t paho_calls = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t paho_ready = PTHREAD_ONCE_INIT;
/* Links whose connect is under way: meanwhile Paho's lock may be held for seconds. */
static atomic_int paho_connecting;
/* How long its receiving thread waits for something to read, at most. */
static atomic_int paho_idle_ms = IDLE_POLL_MS;

/* Three functions of libc that Paho shall find here first: programs come before libraries in symbol
 * look-up. All others who call them get what they always got. */

/* Paho never sets TCP_NODELAY and has no option for it: a PUBACK followed by a small publish waits
 * for the peer's delayed acknowledgement (receipts at 20/s: p50 43.2 ms without, 1.0 ms with it).
 */
int connect(int fd, const struct sockaddr *address, socklen_t length)
{
	union {
		void *symbol;
		int (*call)(int, const struct sockaddr *, socklen_t);
	} next = { .symbol = dlsym(RTLD_NEXT, "connect") };
	int one = 1, type = 0;
	socklen_t size = sizeof(type);

	if (!next.symbol) {
		errno = ENOSYS;
		return -1;
	}
	if ((address->sa_family == AF_INET || address->sa_family == AF_INET6) &&
		getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return next.call(fd, address, length);
}

static bool is_receiving_thread(void)
{
	char name[16] = "";

	return pthread_getname_np(pthread_self(), name, sizeof(name)) == 0 &&
	       strcmp(name, "MQTTAsync_rcv") == 0;
}

/* Not connected yet, or nothing was ever sent: it is Paho's turn, not the peer's. */
static bool is_connecting(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof(info);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
	       size > offsetof(struct tcp_info, tcpi_data_segs_out) && info.tcpi_data_segs_out == 0;
}

/* Paho waits for a connection under way as if it could be read from, and looks at the answer after
 * IDLE_POLL_MS only: every connect but the first took 1.1 s, on loopback too. And its keep-alive is
 * looked at when poll returns: at 3 s the ping went out up to a second late, about when the broker
 * gives up. */
int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	if (timeout_ms == IDLE_POLL_MS && is_receiving_thread()) {
		timeout_ms = atomic_load(&paho_idle_ms);
		for (nfds_t i = 0; i < count; i++)
			timeout_ms = is_connecting(fds[i].fd) ? CONNECT_POLL_MS : timeout_ms;
	}
	struct timespec timeout = {
		.tv_sec = timeout_ms / 1000,
		.tv_nsec = timeout_ms % 1000 * 1000000L,
	};
	return ppoll(fds, count, timeout_ms < 0 ? NULL : &timeout, NULL);
}

/* After a poll that timed out Paho's receiving thread sleeps another 100 ms, deaf: of messages 1.05
 * s apart every second one took 51 ms, and none takes more than 0.4 ms without that sleep (6.5 ms
 * of CPU in 12 s; the sleep saved nothing). It is left out if the thread really waited since the
 * last one, and stays where there was no wait: without a socket Paho does not poll at all, and
 * would spin. */
int usleep(useconds_t us)
{
	static _Thread_local uint64_t last_us;
	union {
		void *symbol;
		int (*call)(useconds_t);
	} next = { .symbol = dlsym(RTLD_NEXT, "usleep") };
	bool idle = us == IDLE_SLEEP_US && is_receiving_thread();
	int r = 0;

	if (!idle || pp_clock_mono_us() - last_us < REAL_WAIT_US)
		r = next.symbol ? next.call(us) : -1;
	if (idle)
		last_us = pp_clock_mono_us();
	return r;
}

/* A tenth of the keep-alive, as Paho has it, which looks no oftener. */
static void set_idle(uint16_t keepalive_s)
{
	int ms = keepalive_s * 100;

	atomic_store(&paho_idle_ms, ms > 0 && ms < IDLE_POLL_MS ? ms : IDLE_POLL_MS);
}

static void set_connecting(struct pp_link *link, bool connecting)
{
	if (atomic_exchange(&link->connecting, connecting) != connecting)
		atomic_fetch_add(&paho_connecting, connecting ? 1 : -1);
}

static int error_of(int code)
{
	switch (code) {
	case MQTTASYNC_DISCONNECTED:
		return -ENOTCONN;
	case MQTTASYNC_OPERATION_INCOMPLETE:
		return -ECONNRESET;
	case MQTTASYNC_NO_MORE_MSGIDS:
	case MQTTASYNC_MAX_BUFFERED_MESSAGES:
	case MQTTASYNC_MAX_MESSAGES_INFLIGHT:
		return -ENOBUFS;
	case MQTTASYNC_BAD_UTF8_STRING:
		return -EINVAL;
	case PAHO_NO_MEMORY:
		return -ENOMEM;
	default:
		return -EIO;
	}
}

/* Paho puts a CONNACK's reason into `code`, a PUBACK's into `reasonCode`, its own errors, negative,
 * into `code`. */
static int reason_of(const MQTTAsync_failureData5 *failure)
{
	if (failure->code >= FIRST_FAILURE_CODE)
		return failure->code;
	return failure->code ? error_of(failure->code) : (int)failure->reasonCode;
}

static const char *words_of(int reason, const MQTTAsync_failureData5 *failure)
{
	const char *words = failure->message;

	if (reason >= 0)
		words = MQTTReasonCode_toString((enum MQTTReasonCodes)reason);
	else if (!words && failure->code == MQTTASYNC_FAILURE)
		words = "host not found or not reachable"; /* all else comes with a message */
	return words ? words : MQTTAsync_strerror(failure->code);
}

/* OpenSSL says "thread:error:0A000086:SSL routines:function:reason:file:line:", the cause first:
 * keep the reason. */
static int on_tls_error(const char *text, size_t length, void *context)
{
	struct pp_link *link = context;
	const char *part = text, *end = text + length;

	for (int i = 0; i < 5 && part; i++) {
		part = memchr(part, ':', (size_t)(end - part));
		part = part ? part + 1 : NULL;
	}
	if (!part || link->tls_error[0])
		return 1;
	const char *stop = memchr(part, ':', (size_t)(end - part));
	snprintf(link->tls_error, sizeof(link->tls_error), "TLS: %.*s",
		(int)((stop ? stop : end) - part), part);
	return 1;
}

static void on_accepted(void *context, MQTTAsync_successData5 *success)
{
	struct pp_link *link = context;
	size_t window = WINDOW_LIMIT;

	if (MQTTProperties_hasProperty(&success->properties, MQTTPROPERTY_CODE_RECEIVE_MAXIMUM)) {
		int64_t maximum = MQTTProperties_getNumericValue(
			&success->properties, MQTTPROPERTY_CODE_RECEIVE_MAXIMUM);
		if (maximum > 0 && maximum < WINDOW_LIMIT)
			window = (size_t)maximum;
	}
	set_connecting(link, false);
	link->ops->accepted(link->user, window);
}

static void on_refused(void *context, MQTTAsync_failureData5 *failure)
{
	struct pp_link *link = context;
	int reason = reason_of(failure);

	set_connecting(link, false);
	if (reason < 0 && link->tls_error[0])
		link->ops->lost(link->user, -EPROTO, link->tls_error);
	else
		link->ops->lost(link->user, reason, words_of(reason, failure));
}

static void on_broken(void *context, char *cause)
{
	struct pp_link *link = context;

	(void)cause; /* Paho never fills it */
	link->ops->lost(link->user, -ECONNRESET, "connection broken");
}

/* The broker said DISCONNECT: Paho calls only this then, not on_broken. */
static void on_dismissed(void *context, MQTTProperties *properties, enum MQTTReasonCodes code)
{
	struct pp_link *link = context;
	const char *words = MQTTReasonCode_toString(code);

	(void)properties;
	link->ops->lost(link->user, (int)code, words ? words : "disconnected by the broker");
}

static void on_subscribed(void *context, MQTTAsync_successData5 *success)
{
	struct pp_link *link = context;
	int count = success->alt.sub.reasonCodeCount, worst = (int)success->reasonCode;

	/* With one topic there is no list; with several Paho reports success even where all were
	 * refused. */
	for (int i = 0; count > 1 && i < count; i++) {
		if ((int)success->alt.sub.reasonCodes[i] > worst)
			worst = (int)success->alt.sub.reasonCodes[i];
	}
	if (worst >= FIRST_FAILURE_CODE)
		link->ops->lost(link->user, worst, "subscription refused");
	else
		link->ops->granted(link->user);
}

static void on_not_subscribed(void *context, MQTTAsync_failureData5 *failure)
{
	struct pp_link *link = context;

	link->ops->lost(link->user, reason_of(failure), "subscription refused");
}

static void on_published(void *context, MQTTAsync_successData5 *success)
{
	struct pp_link_publish *publish = context;

	publish->link->ops->answered(publish->link->user, publish, (int)success->reasonCode);
}

static void on_not_published(void *context, MQTTAsync_failureData5 *failure)
{
	struct pp_link_publish *publish = context;

	publish->link->ops->answered(publish->link->user, publish, reason_of(failure));
}

static void read_signature(const MQTTProperties *properties, struct pp_mqtt_item *item)
{
	struct pp_mqtt_event *e = &item->event;
	int found = 0;

	for (int i = 0; i < properties->count; i++) {
		const MQTTProperty *p = &properties->array[i];
		if (p->identifier != MQTTPROPERTY_CODE_USER_PROPERTY || p->value.data.len != 3 ||
			memcmp(p->value.data.data, "sig", 3) != 0)
			continue;
		e->has_signature = ++found == 1 && p->value.value.len > 0 &&
				   pp_unbase64(p->value.value.data, (size_t)p->value.value.len,
					   e->signature, sizeof(e->signature)) == 0;
	}
	item->bad_signature_form = found > 0 && !e->has_signature;
}

static struct pp_mqtt_item *item_of(
	const char *topic, size_t topic_length, const MQTTAsync_message *message)
{
	struct pp_mqtt_item *item = calloc(1, sizeof(*item));

	if (!item)
		return NULL;
	struct pp_mqtt_event *e = &item->event;
	e->type = PP_MQTT_MESSAGE;
	e->at_us = pp_clock_mono_us();
	e->length = (size_t)message->payloadlen;
	e->retained = message->retained;
	e->topic = strndup(topic, topic_length);
	e->payload = malloc(e->length + 1);
	if (!e->topic || !e->payload) {
		pp_mqtt_event_free(e);
		return NULL;
	}
	if (e->length)
		memcpy(e->payload, message->payload, e->length);
	read_signature(&message->properties, item);
	return item;
}

/* Always 1: after 0 Paho acknowledges all the same, and then keeps the message in memory only. */
static int on_message(void *context, char *topic, int topic_length, MQTTAsync_message *message)
{
	struct pp_link *link = context;
	/* topic_length is 0 unless the topic holds a NUL */
	size_t length = topic_length > 0 ? (size_t)topic_length : strlen(topic);
	struct pp_mqtt_item *item = item_of(topic, length, message);

	MQTTAsync_freeMessage(&message);
	MQTTAsync_free(topic);
	link->ops->message(link->user, item);
	return 1;
}

/* OpenSSL 3 initialises itself; Paho's way of doing it is of OpenSSL 1.0. Once only: this call
 * makes Paho's locks and conditions anew, and whoever waits on the old ones is not woken any more.
 */
static void prepare_paho(void)
{
	MQTTAsync_init_options init = MQTTAsync_init_options_initializer;

	init.do_openssl_init = 0;
	MQTTAsync_global_init(&init);
}

static int create_handle(struct pp_link *link)
{
	MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer5;
	const struct pp_mqtt_options *o = link->options;
	bool is_ipv6 = strchr(o->host, ':') != NULL;
	char uri[300];
	int n = snprintf(
		uri, sizeof(uri), is_ipv6 ? "ssl://[%s]:%u" : "ssl://%s:%u", o->host, o->port);

	if (n < 0 || (size_t)n >= sizeof(uri))
		return -EINVAL;
	pthread_once(&paho_ready, prepare_paho);
	int r = MQTTAsync_createWithOptions(
		&link->handle, uri, o->client_id, MQTTCLIENT_PERSISTENCE_NONE, NULL, &create);
	if (r != MQTTASYNC_SUCCESS)
		return error_of(r);
	MQTTAsync_setCallbacks(link->handle, link, on_broken, on_message, NULL);
	MQTTAsync_setDisconnected(link->handle, link, on_dismissed);
	return 0;
}

int pp_link_new(const struct pp_mqtt_options *options, const struct pp_link_ops *ops, void *user,
	struct pp_link **ret_link)
{
	struct pp_link *link = calloc(1, sizeof(*link));

	if (!link)
		return -ENOMEM;
	link->options = options;
	link->ops = ops;
	link->user = user;
	pthread_mutex_lock(&paho_calls);
	int r = create_handle(link);
	pthread_mutex_unlock(&paho_calls);
	if (r < 0) {
		free(link);
		return r;
	}
	*ret_link = link;
	return 0;
}

struct pp_link *pp_link_free(struct pp_link *link)
{
	if (!link)
		return NULL;
	pthread_mutex_lock(&paho_calls);
	MQTTAsync_destroy(&link->handle);
	pthread_mutex_unlock(&paho_calls);
	set_connecting(link, false);
	free(link);
	return NULL;
}

static int add_number(MQTTProperties *properties, enum MQTTPropertyCodes code, uint32_t number)
{
	MQTTProperty property = { .identifier = code, .value.integer4 = number };

	return number ? MQTTProperties_add(properties, &property) : 0;
}

static MQTTAsync_SSLOptions tls_options(struct pp_link *link)
{
	MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;

	tls.trustStore = link->options->ca_path;
	tls.keyStore = link->options->cert_path;
	tls.privateKey = link->options->key_path;
	tls.enableServerCertAuth = 1;
	tls.verify = 1;
	tls.disableDefaultTrustStore = 1;
	tls.ssl_error_cb = on_tls_error;
	tls.ssl_error_context = link;
	/* Paho cannot ask for TLS 1.3 (sslVersion does nothing with OpenSSL 3), but the list
	 * for 1.2 and below can name only a cipher that needs a pre-shared key, which there is not:
	 * then 1.3 alone is left to agree on. */
	tls.enabledCipherSuites = "PSK-AES256-GCM-SHA384";
	return tls;
}

int pp_link_connect(struct pp_link *link)
{
	const struct pp_mqtt_options *o = link->options;
	MQTTAsync_connectOptions connection = MQTTAsync_connectOptions_initializer5;
	MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
	MQTTAsync_SSLOptions tls = tls_options(link);
	MQTTProperties properties = MQTTProperties_initializer,
		       will_properties = MQTTProperties_initializer;

	connection.keepAliveInterval = o->keepalive_s;
	connection.cleanstart = o->session_expiry_s == 0;
	connection.automaticReconnect = 0;
	/* Ours is exact; Paho looks every 3 s only. */
	connection.connectTimeout = o->connect_timeout_s + 10;
	connection.ssl = &tls;
	connection.context = link;
	connection.onSuccess5 = on_accepted;
	connection.onFailure5 = on_refused;
	int r = add_number(
		&properties, MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL, o->session_expiry_s);
	if (r == 0)
		r = add_number(
			&will_properties, MQTTPROPERTY_CODE_WILL_DELAY_INTERVAL, o->will_delay_s);
	connection.connectProperties = &properties;
	if (o->will_topic) {
		will.topicName = o->will_topic;
		will.qos = 1;
		connection.will = &will;
		connection.willProperties = &will_properties;
	}
	if (r == 0) {
		set_idle(o->keepalive_s);
		set_connecting(link, true);
		pthread_mutex_lock(&paho_calls);
		r = MQTTAsync_connect(link->handle, &connection);
		pthread_mutex_unlock(&paho_calls);
	}
	MQTTProperties_free(&properties);
	MQTTProperties_free(&will_properties);
	return r == MQTTASYNC_SUCCESS ? 0 : error_of(r);
}

int pp_link_subscribe(struct pp_link *link)
{
	MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
	const char *const *topics = link->options->subscriptions;
	int count = 0;

	while (topics[count])
		count++;
	char **names = calloc((size_t)count, sizeof(*names));
	int *qos = calloc((size_t)count, sizeof(*qos));
	int r = names && qos ? MQTTASYNC_SUCCESS : PAHO_NO_MEMORY;
	for (int i = 0; r == MQTTASYNC_SUCCESS && i < count; i++) {
		qos[i] = 1;
		names[i] = strdup(topics[i]);
		if (!names[i])
			r = PAHO_NO_MEMORY;
	}
	response.context = link;
	response.onSuccess5 = on_subscribed;
	response.onFailure5 = on_not_subscribed;
	if (r == MQTTASYNC_SUCCESS) {
		pthread_mutex_lock(&paho_calls);
		r = MQTTAsync_subscribeMany(link->handle, count, names, qos, &response);
		pthread_mutex_unlock(&paho_calls);
	}
	for (int i = 0; names && i < count; i++)
		free(names[i]);
	free(names);
	free(qos);
	return r == MQTTASYNC_SUCCESS ? 0 : error_of(r);
}

static bool is_brief(const struct pp_mqtt_options *o, const char *topic)
{
	return o->brief_topic && strcmp(o->brief_topic, topic) == 0;
}

/* paho_calls is held if it is not to be waited for; unlocked here in any case. */
static int link_send(struct pp_link *link, struct pp_link_publish *publish, bool is_held)
{
	MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
	char name[] = "sig", text[4 * ((PP_SIGNATURE_SIZE + 2) / 3) + 1];
	MQTTProperty property = { .identifier = MQTTPROPERTY_CODE_USER_PROPERTY };
	int r = 0;

	publish->link = link;
	response.context = publish;
	response.onSuccess5 = on_published;
	response.onFailure5 = on_not_published;
	if (publish->is_signed) {
		pp_base64(publish->signature, sizeof(publish->signature), text);
		property.value.data = (MQTTLenString){ .len = 3, .data = name };
		property.value.value = (MQTTLenString){ .len = (int)strlen(text), .data = text };
		r = MQTTProperties_add(&response.properties, &property);
	}
	if (r == 0 && is_brief(link->options, publish->topic))
		r = add_number(&response.properties, MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL,
			link->options->brief_s);
	if (!is_held)
		pthread_mutex_lock(&paho_calls);
	if (r == 0)
		r = MQTTAsync_send(link->handle, publish->topic, (int)publish->length,
			publish->payload, 1, 0, &response);
	pthread_mutex_unlock(&paho_calls);
	MQTTProperties_free(&response.properties);
	return r == MQTTASYNC_SUCCESS ? 0 : error_of(r);
}

int pp_link_send(struct pp_link *link, struct pp_link_publish *publish)
{
	return link_send(link, publish, false);
}

int pp_link_try_send(struct pp_link *link, struct pp_link_publish *publish)
{
	if (atomic_load(&paho_connecting) > 0 || pthread_mutex_trylock(&paho_calls) != 0)
		return -EBUSY;
	return link_send(link, publish, true);
}
