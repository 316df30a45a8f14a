// floor: bare-epoll C broadcast server with per-turn coalescing: the physical limit for one room on one core.
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
typedef struct {
    int fd, len, room, mine;
    char buf[8192];
    char *pend;
    int plen, pcap;
} c_t;
typedef struct {
    c_t **m;
    int n, cap;
    char *out;
    int o, ocap;
    int nsend;
    int seglen;
    struct {
        c_t *c;
        int a, b;
    } seg[65536];
} room_t;
static room_t *R[5000];
static int dirty[5000], nd;
static int one = 1;
static void room_add(c_t *c, int r) {
    if (!R[r])
        R[r] = calloc(1, sizeof(room_t));
    room_t *R_ = R[r];
    if (R_->n == R_->cap) {
        R_->cap = R_->cap ? R_->cap * 2 : 16;
        R_->m = realloc(R_->m, R_->cap * sizeof(c_t *));
    }
    R_->m[R_->n++] = c;
    c->room = r;
}
int main(int ac, char **av) {
    int port = atoi(av[1]);
    int l = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &one, 4);
    struct sockaddr_in a = {0};
    a.sin_family = AF_INET;
    a.sin_port = htons(port);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(l, (void *)&a, sizeof a);
    listen(l, 4096);
    int ep = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = 0}, ev[1024];
    epoll_ctl(ep, EPOLL_CTL_ADD, l, &e);
    static char tmp[1 << 22];
    for (;;) {
        int k = epoll_wait(ep, ev, 1024, -1);
        nd = 0;
        for (int i = 0; i < k; i++) {
            c_t *c = ev[i].data.ptr;
            if (!c) {
                int f = accept4(l, 0, 0, SOCK_NONBLOCK);
                if (f < 0)
                    continue;
                setsockopt(f, IPPROTO_TCP, TCP_NODELAY, &one, 4);
                c = calloc(1, sizeof *c);
                c->fd = f;
                c->room = -1;
                e.events = EPOLLIN;
                e.data.ptr = c;
                epoll_ctl(ep, EPOLL_CTL_ADD, f, &e);
                continue;
            }
            int r = recv(c->fd, c->buf + c->len, sizeof c->buf - c->len, 0);
            if (r <= 0) {
                if (r < 0 && errno == EAGAIN)
                    continue;
                close(c->fd);
                if (c->room >= 0) {
                    room_t *q = R[c->room];
                    for (int j = 0; j < q->n; j++)
                        if (q->m[j] == c) {
                            q->m[j] = q->m[--q->n];
                            break;
                        }
                }
                continue;
            }
            c->len += r;
            char *p = c->buf, *en = c->buf + c->len, *q;
            while ((q = memchr(p, '\n', en - p))) {
                int m = q - p + 1;
                if (!strncmp(p, "USER", 4))
                    send(c->fd, ":s 376 n :End\r\n", 15, MSG_NOSIGNAL);
                else if (!strncmp(p, "JOIN", 4)) {
                    int rr = atoi(p + 7);
                    room_add(c, rr);
                    send(c->fd, ":s 366 n #r :End\r\n", 18, MSG_NOSIGNAL);
                } else if (!strncmp(p, "PRIVMSG", 7)) {
                    room_t *rm = R[c->room];
                    if (!rm->o)
                        dirty[nd++] = c->room;
                    if (rm->o + m + 64 > rm->ocap) {
                        rm->ocap = (rm->ocap + m + 64) * 2;
                        rm->out = realloc(rm->out, rm->ocap);
                    }
                    int st = rm->o;
                    memcpy(rm->out + rm->o, ":n1!u1@localhost ", 17);
                    rm->o += 17;
                    memcpy(rm->out + rm->o, p, m);
                    rm->o += m;
                    rm->seg[rm->seglen].c = c;
                    rm->seg[rm->seglen].a = st;
                    rm->seg[rm->seglen++].b = rm->o;
                    c->mine = 1;
                }
                p = q + 1;
            }
            c->len = en - p;
            memmove(c->buf, p, c->len);
        }
        for (int d = 0; d < nd; d++) {
            room_t *rm = R[dirty[d]];
            for (int j = 0; j < rm->n; j++) {
                c_t *m = rm->m[j];
                char *o = rm->out;
                int n = rm->o;
                if (m->mine) {
                    o = tmp;
                    n = 0;
                    for (int s = 0; s < rm->seglen; s++)
                        if (rm->seg[s].c != m) {
                            int z = rm->seg[s].b - rm->seg[s].a;
                            memcpy(tmp + n, rm->out + rm->seg[s].a, z);
                            n += z;
                        }
                    m->mine = 0;
                    if (!n)
                        continue;
                }
                int w = 0;
                while (w < n) {
                    int x = send(m->fd, o + w, n - w, MSG_NOSIGNAL);
                    if (x < 0) {
                        if (errno == EAGAIN) {
                            usleep(100);
                            continue;
                        }
                        break;
                    }
                    w += x;
                }
            }
            rm->o = 0;
            rm->seglen = 0;
        }
    }
}
