// loadgen: chat fan-out load generator, one thread on epoll. Usage: see docs/performance.md.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
static SSL_CTX *CTX;
static int TLS = 0;
static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ull + t.tv_nsec;
}
typedef struct {
    SSL *ssl;
    int fd;
    int room;
    int idx;
    int state;
    int outstanding;
    int seq;
    char buf[65536];
    int len;
    uint64_t got;
    int joined;
    int stalled;
    int lastseq_valid;
    int *lastseq;
} conn;
static conn **C;
static int N = 100, ROOMS = 1, SPR = 1, W = 1, MLEN = 80, PORT = 7000, irc = 1, STALL = 0;
static double T = 5, RATE = 0;
static int SPID = 0;
static uint64_t delivered = 0, sent = 0, gaps = 0;
static int measuring = 0;
#define HB 4096
static uint64_t hist[64 * 64];
static void hadd(uint64_t v) { // log-linear 64 sub-buckets
    int b = 63 - __builtin_clzll(v | 1);
    int sub;
    if (b < 6) {
        sub = v;
        b = 5;
        sub = v & 63;
        hist[sub]++;
        return;
    }
    sub = (v >> (b - 6)) & 63;
    hist[(b - 5) * 64 + sub]++;
}
static double hq(double q) {
    uint64_t tot = 0;
    for (int i = 0; i < 64 * 64; i++)
        tot += hist[i];
    if (!tot)
        return 0;
    uint64_t t = q * tot, c = 0;
    for (int i = 0; i < 64 * 64; i++) {
        c += hist[i];
        if (c > t) {
            int b = i / 64, s = i % 64;
            if (b == 0)
                return s;
            return (double)((64ull + s) << (b - 1));
        }
    }
    return 0;
}
static int readyN = 0;
static int *rmembers;
static conn ***room;
static int *rcount;
static void wr(conn *c, const char *b, int n) {
    int o = 0;
    while (o < n) {
        int k = c->ssl ? SSL_write(c->ssl, b + o, n - o) : send(c->fd, b + o, n - o, MSG_NOSIGNAL);
        if (c->ssl && k <= 0) {
            int er = SSL_get_error(c->ssl, k);
            if (er == SSL_ERROR_WANT_READ || er == SSL_ERROR_WANT_WRITE) {
                usleep(50);
                continue;
            }
            fprintf(stderr, "ssl write\n");
            exit(2);
        }
        if (k < 0) {
            if (errno == EAGAIN) {
                usleep(50);
                continue;
            }
            perror("send");
            exit(2);
        }
        o += k;
    }
}
static void sendmsg_(conn *c) {
    char b[2048];
    char pad[2048];
    uint64_t t = now_ns();
    int h;
    if (irc)
        h = snprintf(b, sizeof b, "PRIVMSG #r%d :@%d %d %llu ", c->room, c->idx, c->seq, (unsigned long long)t);
    else
        h = snprintf(b, sizeof b, "@%d %d %llu ", c->idx, c->seq, (unsigned long long)t);
    c->seq++;
    int base = h;
    int want = MLEN;
    if (irc) {
        char *p = strchr(b, '@');
        want += p - b;
    }
    while (h < want)
        b[h++] = 'x';
    (void)pad;
    (void)base;
    b[h++] = '\r';
    b[h++] = '\n';
    wr(c, b, h);
    sent++;
    c->outstanding++;
}
static void line(conn *c, char *l, int n) {
    if (irc && c->state < 2) {
        if (!strncmp(l, "PING ", 5)) {
            char b[600];
            int k = snprintf(b, sizeof b, "PONG %.*s\r\n", n - 5, l + 5);
            wr(c, b, k);
            return;
        }
        char *sp = memchr(l, ' ', n);
        if (!sp)
            return;
        if (!strncmp(sp, " 433 ", 5)) {
            fprintf(stderr, "nick in use\n");
            exit(3);
        }
        if (c->state == 0 && (!strncmp(sp, " 376 ", 5) || !strncmp(sp, " 422 ", 5))) {
            char b[64];
            int k = snprintf(b, sizeof b, "JOIN #r%d\r\n", c->room);
            wr(c, b, k);
            c->state = 1;
            return;
        }
        if (c->state == 1 && !strncmp(sp, " 366 ", 5)) {
            c->state = 2;
            readyN++;
            return;
        }
        if (c->state == 1 && sp[1] == '4') {
            fprintf(stderr, "%.*s\n", n, l);
        }
        return;
    }
    if (irc && l[0] == 'P' && !strncmp(l, "PING ", 5)) {
        char b[600];
        int k = snprintf(b, sizeof b, "PONG %.*s\r\n", n - 5, l + 5);
        wr(c, b, k);
        return;
    }
    if (l[0] == 'E' && !strncmp(l, "ERROR", 5)) {
        fprintf(stderr, "%.*s\n", n, l);
        exit(4);
    }
    char *a = NULL;
    if (irc) {
        if (!memmem(l, n, " PRIVMSG ", 9))
            return;
        a = memmem(l, n, " :@", 3);
        if (a)
            a += 2;
    } else
        a = memchr(l, '@', n);
    if (!a)
        return;
    int si, sq;
    unsigned long long ts;
    char tmp[128];
    int k = n - (a - l);
    if (k > 127)
        k = 127;
    memcpy(tmp, a, k);
    tmp[k] = 0;
    char *e;
    si = strtol(tmp + 1, &e, 10);
    sq = strtol(e, &e, 10);
    ts = strtoull(e, &e, 10);
    c->got++;
    if (measuring) {
        delivered++;
        uint64_t t = now_ns();
        if (t > ts && (c->got & 15) == 0)
            hadd(t - ts);
    }
    // loss/ordering check per (recipient,sender-rank)
    conn *s = C[si];
    int rank = si / ROOMS;
    if (rank < SPR) {
        int ex = c->lastseq[rank] + 1;
        if (sq != ex)
            gaps++;
        c->lastseq[rank] = sq;
    }
    // witness: member after the sender
    conn *w = room[s->room][(rank + 1) % rcount[s->room]];
    if (w == c && RATE == 0) {
        s->outstanding--;
        if (measuring != 2)
            sendmsg_(s);
    }
}
static void feed1(conn *c, int *more) {
    *more = 0;
    int k;
    if (c->ssl) {
        k = SSL_read(c->ssl, c->buf + c->len, sizeof(c->buf) - c->len);
        if (k <= 0) {
            int er = SSL_get_error(c->ssl, k);
            if (er == SSL_ERROR_WANT_READ || er == SSL_ERROR_WANT_WRITE)
                return;
            k = 0;
        } else
            *more = 1;
    } else
        k = recv(c->fd, c->buf + c->len, sizeof(c->buf) - c->len, 0);
    if (k <= 0) {
        if (k < 0 && errno == EAGAIN)
            return;
        fprintf(stderr, "conn %d closed by server (%d)\n", c->idx, k);
        exit(5);
    }
    c->len += k;
    char *p = c->buf, *e = c->buf + c->len, *q;
    while ((q = memchr(p, '\n', e - p))) {
        int n = q - p;
        if (n && p[n - 1] == '\r')
            n--;
        line(c, p, n);
        p = q + 1;
    }
    c->len = e - p;
    memmove(c->buf, p, c->len);
}
static void feed(conn *c) {
    int m;
    do
        feed1(c, &m);
    while (m);
}
static void pstat(int pid, double *u, double *s, long *rss) {
    *u = *s = 0;
    *rss = 0;
    if (!pid)
        return;
    char f[64], b[4096];
    snprintf(f, 64, "/proc/%d/stat", pid);
    FILE *fp = fopen(f, "r");
    if (!fp)
        return;
    int k = fread(b, 1, 4095, fp);
    b[k] = 0;
    fclose(fp);
    char *p = strrchr(b, ')');
    unsigned long ut, st;
    long r;
    sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %*d %*d %*u %*u %ld", &ut, &st,
           &r);
    *u = ut / 100.;
    *s = st / 100.;
    *rss = r * 4;
}
int main(int ac, char **av) {
    int o;
    static struct option lo[] = {{"raw", 0, 0, 1}, {"tls", 0, 0, 2}, {0, 0, 0, 0}};
    while ((o = getopt_long(ac, av, "p:n:r:s:w:t:m:R:P:k:", lo, 0)) != -1)
        switch (o) {
        case 1:
            irc = 0;
            break;
        case 2:
            TLS = 1;
            CTX = SSL_CTX_new(TLS_client_method());
            break;
        case 'p':
            PORT = atoi(optarg);
            break;
        case 'n':
            N = atoi(optarg);
            break;
        case 'r':
            ROOMS = atoi(optarg);
            break;
        case 's':
            SPR = atoi(optarg);
            break;
        case 'w':
            W = atoi(optarg);
            break;
        case 't':
            T = atof(optarg);
            break;
        case 'm':
            MLEN = atoi(optarg);
            break;
        case 'R':
            RATE = atof(optarg);
            break;
        case 'P':
            SPID = atoi(optarg);
            break;
        case 'k':
            STALL = atoi(optarg);
            break;
        }
    double u0, s0, u1, s1;
    long r0, r1;
    pstat(SPID, &u0, &s0, &r0);
    int ep = epoll_create1(0);
    C = calloc(N, sizeof *C);
    room = calloc(ROOMS, sizeof *room);
    rcount = calloc(ROOMS, sizeof(int));
    for (int i = 0; i < ROOMS; i++)
        room[i] = calloc(N / ROOMS + 2, sizeof(conn *));
    uint64_t tc = now_ns();
    struct epoll_event ev[1024];
    int inflight = 0, next = 0;
    while (readyN < N) {
        while (next < N && inflight < 64 + 0 * inflight && next - readyN < 64) {
            conn *c = calloc(1, sizeof *c);
            c->idx = next;
            c->room = next % ROOMS;
            c->lastseq = malloc(sizeof(int) * SPR);
            for (int i = 0; i < SPR; i++)
                c->lastseq[i] = -1;
            C[next] = c;
            room[c->room][rcount[c->room]++] = c;
            c->fd = socket(AF_INET, SOCK_STREAM, 0);
            struct sockaddr_in a = {0};
            a.sin_family = AF_INET;
            a.sin_port = htons(PORT);
            a.sin_addr.s_addr = htonl(0x7f000001u + (next / 20000));
            if (connect(c->fd, (void *)&a, sizeof a)) {
                perror("connect");
                exit(1);
            }
            int one = 1;
            setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            if (TLS) {
                c->ssl = SSL_new(CTX);
                SSL_set_fd(c->ssl, c->fd);
                if (SSL_connect(c->ssl) != 1) {
                    fprintf(stderr, "tls handshake failed\n");
                    exit(7);
                }
            }
            fcntl(c->fd, F_SETFL, O_NONBLOCK);
            struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
            epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e);
            if (irc) {
                char b[128];
                int k = snprintf(b, sizeof b, "NICK n%d\r\nUSER u%d 0 * :load\r\n", next, next);
                wr(c, b, k);
            } else {
                c->state = 2;
                readyN++;
            }
            next++;
        }
        int k = epoll_wait(ep, ev, 1024, 5000);
        if (k == 0 && readyN < N) {
            fprintf(stderr, "stuck at %d/%d ready\n", readyN, N);
            exit(6);
        }
        for (int i = 0; i < k; i++)
            feed(ev[i].data.ptr);
    }
    double setup = (now_ns() - tc) / 1e9;
    if (!irc)
        usleep(300000);
    // drain joins
    uint64_t dr = now_ns();
    while (now_ns() - dr < 500000000ull) {
        int k = epoll_wait(ep, ev, 1024, 50);
        for (int i = 0; i < k; i++)
            feed(ev[i].data.ptr);
    }
    pstat(SPID, &u1, &s1, &r1);
    double setup_cpu = u1 + s1 - u0 - s0;
    long rss_idle = r1;
    for (int i = 0; i < STALL; i++) {
        conn *c = C[N - 1 - i];
        c->stalled = 1;
        epoll_ctl(ep, EPOLL_CTL_DEL, c->fd, 0);
    }
    // start
    if (RATE == 0)
        for (int i = 0; i < ROOMS; i++)
            for (int j = 0; j < SPR; j++)
                for (int w = 0; w < W; w++)
                    sendmsg_(room[i][j]);
    uint64_t t0 = now_ns(), warm = t0 + 1000000000ull, end = 0;
    double nexts = t0;
    long rr = 0;
    uint64_t sent0 = 0;
    for (;;) {
        uint64_t t = now_ns();
        if (!measuring && t >= warm) {
            measuring = 1;
            delivered = 0;
            sent0 = sent;
            memset(hist, 0, sizeof hist);
            pstat(SPID, &u0, &s0, &r0);
            t0 = now_ns();
            end = t0 + T * 1e9;
        }
        if (measuring == 1 && t >= end)
            break;
        int to = 1;
        if (RATE > 0) {
            while (nexts <= t) {
                int ri = rr % ROOMS, sj = (rr / ROOMS) % SPR;
                sendmsg_(room[ri][sj]);
                rr++;
                nexts += 1e9 / RATE;
            }
            to = 0;
        }
        int k = epoll_wait(ep, ev, 1024, to);
        for (int i = 0; i < k; i++)
            feed(ev[i].data.ptr);
    }
    double el = (now_ns() - t0) / 1e9;
    pstat(SPID, &u1, &s1, &r1);
    uint64_t d = delivered, sn = sent - sent0;
    measuring = 2;
    printf("{\"conns\":%d,\"rooms\":%d,\"senders\":%d,\"window\":%d,\"setup_s\":%.3f,\"setup_cpu_s\":%.3f,\"idle_rss_"
           "kb\":%ld,\"sent_per_s\":%.0f,\"delivered_per_s\":%.0f,\"cpu_us_per_delivery\":%.3f,\"usr\":%.2f,\"sys\":%."
           "2f,\"wall\":%.2f,\"p50_us\":%.0f,\"p99_us\":%.0f,\"p999_us\":%.0f,\"rss_kb\":%ld,\"gaps\":%llu}\n",
           N, ROOMS, SPR * ROOMS, W, setup, setup_cpu, rss_idle, sn / el, d / el, d ? (u1 + s1 - u0 - s0) * 1e6 / d : 0,
           u1 - u0, s1 - s0, el, hq(.5) / 1e3, hq(.99) / 1e3, hq(.999) / 1e3, r1, (unsigned long long)gaps);
    return 0;
}
