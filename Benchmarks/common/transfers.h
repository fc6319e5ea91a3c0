/* libcurl's multi interface on the server's own epoll. */
#ifndef BENCH_TRANSFERS_H
#define BENCH_TRANSFERS_H

#include <curl/curl.h>

/* Called when a transfer is over, and when libcurl has been called for now: the place to send what it brought. Both may begin,
   remove and resume transfers, which libcurl's own callbacks must not. */
struct transfer_calls {
    void (*over)(CURL *easy, CURLcode result);
    void (*turn_ended)(void);
};

void transfers_open(struct transfer_calls calls);
/* A handle with what every transfer here needs. */
CURL *transfers_new_handle(void);
void transfers_begin(CURL *easy);
void transfers_remove(CURL *easy);
void transfers_pause(CURL *easy);
void transfers_resume(CURL *easy);
/* The program's served_due(): nothing else is scheduled. */
void transfers_due(void);

#endif
