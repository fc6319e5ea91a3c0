/* The load generator.
 *
 *     load proxy  --target HOST:PORT [--connections 32] [--tokens 500] [--rate 0] [--seconds 3 | --requests N] [--stagger MS]
 *                 [--linger MS]
 *     load ttft   --target HOST:PORT [--seconds 3 | --requests N]
 *     load fanout --target HOST:PORT --subscribe PATH [--transport sse|ws] [--subscribers 1000] [--tokens 250] [--rate 50]
 *                 [--streams 1] (--publish PATH | --channel NAME)
 *
 * All take [--path /v1/chat/completions] [--deadline SECONDS] [--gate] (see common/gate.h) and print one line of JSON. */
#include "load.h"

#include "common/basics.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

int main(int count, char **arguments) {
    signal(SIGPIPE, SIG_IGN);
    raise_file_limit();
    /* Twice: once for the preparation, once for the run; both also end by themselves in an orderly way. */
    limit_lifetime(2 * (unsigned)option_number(count, arguments, "--deadline", 60) + 5);
    if (count > 1 && (strcmp(arguments[1], "proxy") == 0 || strcmp(arguments[1], "ttft") == 0)) {
        return load_proxy(count, arguments);
    }
    if (count > 1 && strcmp(arguments[1], "fanout") == 0) {
        return load_fanout(count, arguments);
    }
    errno = 0;
    die("usage: load proxy|ttft|fanout --target HOST:PORT …");
}
