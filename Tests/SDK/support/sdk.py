"""The OpenAI SDK, synchronous or asynchronous, behind one face."""

import asyncio
import time

from openai import AsyncOpenAI, OpenAI

PROMPT = [{"role": "user", "content": "Say hello to the world."}]


class SyncSDK:
    def stream(self, base_url, model, **more):
        """The chunks of a stream, as dictionaries."""
        with OpenAI(base_url=base_url, api_key="sk-a-callers-own-key") as client:
            with client.chat.completions.create(model=model, messages=PROMPT, stream=True, **more) as stream:
                return [chunk.model_dump() for chunk in stream]

    def attempt(self, base_url, model="plain", timeout=10, max_retries=0, headers=None):
        """What came of a stream until it ended or failed, as dictionaries; the error; how many seconds it took."""
        chunks, started = [], time.monotonic()
        options = {"api_key": "unused", "timeout": timeout, "max_retries": max_retries, "default_headers": headers}
        with OpenAI(base_url=base_url, **options) as client:
            try:
                for chunk in client.chat.completions.create(model=model, messages=PROMPT, stream=True):
                    chunks.append(chunk.model_dump())
            except Exception as error:
                return chunks, error, time.monotonic() - started
        return chunks, None, time.monotonic() - started

    def create(self, base_url, model, **more):
        """A whole completion as a dictionary, and the id of its request."""
        with OpenAI(base_url=base_url, api_key="sk-a-callers-own-key") as client:
            completion = client.chat.completions.create(model=model, messages=PROMPT, **more)
            return completion.model_dump(), completion._request_id


class AsyncSDK:
    def stream(self, base_url, model, **more):
        async def collect():
            async with AsyncOpenAI(base_url=base_url, api_key="sk-a-callers-own-key") as client:
                stream = await client.chat.completions.create(model=model, messages=PROMPT, stream=True, **more)
                return [chunk.model_dump() async for chunk in stream]

        return asyncio.run(collect())

    def attempt(self, base_url, model="plain", timeout=10, max_retries=0, headers=None):
        chunks, started = [], time.monotonic()
        options = {"api_key": "unused", "timeout": timeout, "max_retries": max_retries, "default_headers": headers}

        async def collect():
            async with AsyncOpenAI(base_url=base_url, **options) as client:
                stream = await client.chat.completions.create(model=model, messages=PROMPT, stream=True)
                async for chunk in stream:
                    chunks.append(chunk.model_dump())

        try:
            asyncio.run(collect())
        except Exception as error:
            return chunks, error, time.monotonic() - started
        return chunks, None, time.monotonic() - started

    def create(self, base_url, model, **more):
        async def ask():
            async with AsyncOpenAI(base_url=base_url, api_key="sk-a-callers-own-key") as client:
                completion = await client.chat.completions.create(model=model, messages=PROMPT, **more)
                return completion.model_dump(), completion._request_id

        return asyncio.run(ask())


def text(chunks):
    """The first choice's text."""
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks if chunk["choices"]]
    return "".join(delta["content"] or "" for delta in deltas)


def arguments(chunks):
    """The arguments of each tool call, by its index."""
    calls = {}
    for chunk in chunks:
        for call in (chunk["choices"][0]["delta"]["tool_calls"] or []) if chunk["choices"] else []:
            calls[call["index"]] = calls.get(call["index"], "") + (call["function"]["arguments"] or "")
    return calls
