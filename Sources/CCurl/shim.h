#ifndef TOKENCAST_CCURL_SHIM_H
#define TOKENCAST_CCURL_SHIM_H

#include <curl/curl.h>

// Swift can't call C variadics. Each function below wraps one variadic of libcurl for one type of argument,
// and its name says which.

// curl_easy_setopt with a long (switches, numbers, enumerations)
static inline CURLcode tokencast_easy_setopt_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

// curl_easy_setopt with a curl_off_t (sizes that may pass 2 GiB)
static inline CURLcode tokencast_easy_setopt_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

// curl_easy_setopt with a C string, which libcurl copies (CURLOPT_POSTFIELDS excepted)
static inline CURLcode tokencast_easy_setopt_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

// curl_easy_setopt with a pointer (…DATA, PRIVATE, HTTPHEADER)
static inline CURLcode tokencast_easy_setopt_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}

// curl_easy_setopt with the type of WRITEFUNCTION, HEADERFUNCTION and READFUNCTION
static inline CURLcode tokencast_easy_setopt_callback(
    CURL *easy, CURLoption option, size_t (*value)(char *, size_t, size_t, void *)
) {
    return curl_easy_setopt(easy, option, value);
}

// curl_easy_setopt CURLOPT_SOCKOPTFUNCTION
static inline CURLcode tokencast_easy_setopt_open_callback(CURL *easy, int (*value)(void *, curl_socket_t, curlsocktype)) {
    return curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, value);
}

// curl_easy_setopt CURLOPT_CLOSESOCKETFUNCTION
static inline CURLcode tokencast_easy_setopt_close_callback(CURL *easy, int (*value)(void *, curl_socket_t)) {
    return curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, value);
}

// curl_easy_getinfo for a long
static inline CURLcode tokencast_easy_getinfo_long(CURL *easy, CURLINFO info, long *value) {
    return curl_easy_getinfo(easy, info, value);
}

// curl_easy_getinfo for a pointer (PRIVATE)
static inline CURLcode tokencast_easy_getinfo_pointer(CURL *easy, CURLINFO info, void **value) {
    return curl_easy_getinfo(easy, info, value);
}

// curl_multi_setopt with a long
static inline CURLMcode tokencast_multi_setopt_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

// curl_multi_setopt with a pointer (SOCKETDATA, TIMERDATA)
static inline CURLMcode tokencast_multi_setopt_pointer(CURLM *multi, CURLMoption option, void *value) {
    return curl_multi_setopt(multi, option, value);
}

// curl_multi_setopt CURLMOPT_SOCKETFUNCTION
static inline CURLMcode tokencast_multi_setopt_socket_callback(
    CURLM *multi, int (*value)(CURL *, curl_socket_t, int, void *, void *)
) {
    return curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, value);
}

// curl_multi_setopt CURLMOPT_TIMERFUNCTION
static inline CURLMcode tokencast_multi_setopt_timer_callback(CURLM *multi, int (*value)(CURLM *, long, void *)) {
    return curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, value);
}

// curl_global_init: CURL_GLOBAL_ALL is a macro with a cast, which Swift doesn't import
static inline CURLcode tokencast_global_init(void) { return curl_global_init(CURL_GLOBAL_ALL); }

// CURLMsg's result is a member of an anonymous union
static inline CURLcode tokencast_message_result(const CURLMsg *message) { return message->data.result; }

#endif
