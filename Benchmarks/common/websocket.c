#include "websocket.h"

/* A cap, so that a peer's mistake ends in an error and not in all memory. */
#define LARGEST_FRAME (16u << 20)

struct frame {
    bool final;
    enum websocket_opcode opcode;
    struct text payload;
    size_t length;
};

/* 1: a whole frame; 0: more bytes are needed; -1: malformed. */
static int parse(const unsigned char *bytes, size_t count, struct frame *frame) {
    if (count < 2) {
        return 0;
    }
    if ((bytes[0] & 0x70) != 0 || (bytes[1] & 0x80) != 0) {
        return -1;
    }
    size_t head = 2;
    uint64_t length = bytes[1] & 0x7f;
    int extended = length == 126 ? 2 : length == 127 ? 8 : 0;
    if (extended > 0) {
        head += (size_t)extended;
        if (count < head) {
            return 0;
        }
        length = 0;
        for (int i = 0; i < extended; i++) {
            length = length << 8 | bytes[2 + i];
        }
    }
    if (length > LARGEST_FRAME) {
        return -1;
    }
    if (count - head < length) {
        return 0;
    }
    frame->final = (bytes[0] & 0x80) != 0;
    frame->opcode = bytes[0] & 0x0f;
    frame->payload = (struct text){(const char *)bytes + head, (size_t)length};
    frame->length = head + (size_t)length;
    return 1;
}

static void deliver(struct websocket *websocket, const struct frame *frame,
                    void (*received)(void *, enum websocket_opcode, struct text), void *owner) {
    bool control = frame->opcode >= WEBSOCKET_CLOSE;
    if (control || (frame->final && websocket->message.length == 0)) {
        received(owner, frame->opcode, frame->payload);
        return;
    }
    buffer_append(&websocket->message, frame->payload.at, frame->payload.length);
    if (frame->final) {
        received(owner, WEBSOCKET_TEXT, (struct text){websocket->message.bytes, websocket->message.length});
        websocket->message.length = 0;
    }
}

bool websocket_feed(struct websocket *websocket, const char *bytes, size_t count,
                    void (*received)(void *, enum websocket_opcode, struct text), void *owner) {
    /* Most reads hold whole frames: those are parsed where they are, and only a rest is copied. */
    bool copied = websocket->pending.length > 0;
    if (copied) {
        buffer_append(&websocket->pending, bytes, count);
        bytes = websocket->pending.bytes;
        count = websocket->pending.length;
    }
    size_t used = 0;
    struct frame frame;
    int found;
    while ((found = parse((const unsigned char *)bytes + used, count - used, &frame)) == 1) {
        deliver(websocket, &frame, received, owner);
        used += frame.length;
    }
    if (copied) {
        buffer_drop_front(&websocket->pending, used);
    } else {
        buffer_append(&websocket->pending, bytes + used, count - used);
    }
    return found == 0;
}

void websocket_append_control(struct buffer *out, enum websocket_opcode opcode, struct text payload) {
    size_t length = payload.length < 125 ? payload.length : 125;
    char head[6] = {(char)(0x80 | opcode), (char)(0x80 | length), 0, 0, 0, 0};
    buffer_append(out, head, sizeof head);
    buffer_append(out, payload.at, length);
}

void websocket_append_text(struct buffer *out, struct text payload) {
    char head[4] = {(char)(0x80 | WEBSOCKET_TEXT), 126, (char)(payload.length >> 8), (char)payload.length};
    if (payload.length < 126) {
        head[1] = (char)payload.length;
    }
    buffer_append(out, head, payload.length < 126 ? 2 : 4);
    buffer_append(out, payload.at, payload.length);
}
