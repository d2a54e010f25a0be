/* SPDX-License-Identifier: MIT
 *
 * A server that only reads and acknowledges: the measure of what an upload to Qdrant can be at most.
 * Loopback, a thread per connection. Prints its port, ends when its input ends. GET /sink/stats: bodies and
 * bytes that came with PUT.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 1 << 20 };

static atomic_ulong bodies, bytes;

/* The collection exists, with kith's header and every index. */
static const char info[] =
    "{\"result\":{\"status\":\"green\",\"points_count\":0,\"config\":{\"params\":{\"vectors\":{\"size\":256,"
    "\"distance\":\"Cosine\"}},\"metadata\":{\"kith_format\":1,\"kith_pipeline\":\"0123456789abcdef\","
    "\"kith_network\":\"mobileface\",\"kith_detector\":\"yunet\"}},\"payload_schema\":{\"person\":{},"
    "\"sha256\":{},"
    "\"paths\":{},\"paths_raw\":{},\"folders\":{},\"pipeline\":{},\"run\":{},\"taken\":{},\"score\":{},"
    "\"eyes\":{},"
    "\"face\":{}}},\"status\":\"ok\",\"time\":0}";

static void write_answer(char *out, size_t size, const char *head) {
    char text[256];
    const char *body = text;
    if (strncmp(head, "GET / ", 6) == 0)
        snprintf(text, sizeof text, "{\"title\":\"sink\",\"version\":\"1.19.0\"}");
    else if (strncmp(head, "GET /sink/stats", 15) == 0)
        snprintf(text, sizeof text, "{\"bodies\":%lu,\"bytes\":%lu}", atomic_load(&bodies),
                 atomic_load(&bytes));
    else if (strncmp(head, "GET ", 4) == 0)
        body = info;
    else
        snprintf(text, sizeof text,
                 "{\"result\":{\"operation_id\":0,\"status\":\"completed\"},\"status\":\"ok\",\"time\":0}");
    snprintf(out, size, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
             strlen(body), body);
}

/* Reads one request; 0 when the connection ended. `left` bytes of the next one are at the buffer's start. */
static int serve_one(int connection, char *buffer, size_t *left) {
    size_t have = *left, body = 0;
    char *end;
    buffer[have] = 0;
    while (!(end = strstr(buffer, "\r\n\r\n"))) {
        ssize_t got = recv(connection, buffer + have, BUFFER - 1 - have, 0);
        if (got <= 0)
            return 0;
        have += (size_t)got;
        buffer[have] = 0;
    }
    *end = 0;
    const char *length = strcasestr(buffer, "\r\nContent-Length:");
    if (length)
        body = strtoul(length + strlen("\r\nContent-Length:"), NULL, 10);
    char answer[2048];
    write_answer(answer, sizeof answer, buffer);
    if (strncmp(buffer, "PUT ", 4) == 0) {
        atomic_fetch_add(&bodies, 1);
        atomic_fetch_add(&bytes, body);
    }
    size_t head = (size_t)(end - buffer) + 4;
    *left = have - head > body ? have - head - body : 0;
    if (*left)
        memmove(buffer, buffer + head + body, *left);
    for (size_t rest = have - head < body ? body - (have - head) : 0; rest > 0;) {
        ssize_t got = recv(connection, buffer, rest < BUFFER - 1 ? rest : BUFFER - 1, 0);
        if (got <= 0)
            return 0;
        rest -= (size_t)got;
    }
    return send(connection, answer, strlen(answer), MSG_NOSIGNAL) > 0;
}

static void *serve(void *context) {
    int connection = (int)(intptr_t)context, on = 1;
    char *buffer = malloc(BUFFER);
    size_t left = 0;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    while (buffer && serve_one(connection, buffer, &left))
        ;
    free(buffer);
    close(connection);
    return NULL;
}

static void *accept_all(void *context) {
    int listener = (int)(intptr_t)context, connection;
    while ((connection = accept(listener, NULL, NULL)) >= 0) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)connection) == 0)
            pthread_detach(thread);
        else
            close(connection);
    }
    return NULL;
}

int main(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    pthread_t thread;
    char byte;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 16) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0 ||
        pthread_create(&thread, NULL, accept_all, (void *)(intptr_t)listener) != 0) {
        perror("sink");
        return 1;
    }
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0)
        ;
    return 0;
}
