"""The providers' own SDKs: each asks one question, and gives the events of the stream as plain values.

A client is a function of the server's address and a model. `text` and `calls` say what its events add up to, read as a
program with that SDK would read them.
"""

import json
import os
from dataclasses import dataclass
from typing import Any, Callable

# Its prices are none of a test's business, least of all over the network.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

KEY = "a-callers-own-key"
PROMPT = "How is the weather?"
MESSAGES = [{"role": "user", "content": PROMPT}]
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
FUNCTIONS = [{"type": "function", "function": {"name": "weather", "description": "-", "parameters": PARAMETERS}}]


@dataclass(frozen=True)
class Client:
    """An SDK's way of asking for a stream."""

    name: str
    dialect: str
    ask: Callable[[str, str], list]
    text: Callable[[list], str]
    calls: Callable[[list], list]
    # The tapes, by their model, that it fails to read, with a proxy or without one.
    unreadable: frozenset[str] = frozenset()

    def reads(self, tape):
        return tape.dialect == self.dialect and tape.model not in self.unreadable


CLIENTS: list[Client] = []


# Content in parts is Mistral's alone.
PARTS = frozenset({"parts"})
# It comes where no event stream is asked for, and these ask for one.
ARRAY = frozenset({"array"})


def client(name, dialect, text, calls, unreadable=frozenset()):
    def add(ask):
        CLIENTS.append(Client(name, dialect, ask, text, calls, unreadable))
        return ask

    return add


def dump(events) -> list[Any]:
    return [event.model_dump(mode="json") for event in events]


def merged(pieces):
    """Tool calls from (key, name, arguments) in pieces."""
    calls = {}
    for key, name, arguments in pieces:
        call = calls.setdefault(key, ["", ""])
        call[0] += name or ""
        call[1] += arguments or ""
    return [(name, json.loads(arguments or "{}")) for name, arguments in calls.values()]


# OpenAI's chat, and those who speak it


def chat_text(events):
    deltas = [choice["delta"] for event in events for choice in event["choices"]]
    return "".join(delta.get("content") or "" for delta in deltas)


def chat_calls(events):
    deltas = [choice["delta"] for event in events for choice in event["choices"]]
    calls = [call for delta in deltas for call in delta.get("tool_calls") or []]
    return merged((call["index"], call["function"]["name"], call["function"]["arguments"]) for call in calls)


@client("openai chat", "openai.chat", chat_text, chat_calls, PARTS)
def openai_chat(url, model):
    from openai import OpenAI

    with OpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0) as sdk:
        return dump(sdk.chat.completions.create(model=model, messages=MESSAGES, tools=FUNCTIONS, stream=True))


@client("groq", "openai.chat", chat_text, chat_calls, PARTS)
def groq(url, model):
    from groq import Groq

    with Groq(base_url=f"{url}/", api_key=KEY, max_retries=0) as sdk:
        return dump(sdk.chat.completions.create(model=model, messages=MESSAGES, tools=FUNCTIONS, stream=True))


@client("azure openai", "openai.chat", chat_text, chat_calls, PARTS)
def azure(url, model):
    from openai import AzureOpenAI

    with AzureOpenAI(azure_endpoint=url, api_key=KEY, api_version="2024-10-21", max_retries=0) as sdk:
        return dump(sdk.chat.completions.create(model=model, messages=MESSAGES, tools=FUNCTIONS, stream=True))


def mistral_text(events):
    contents = [choice["delta"].get("content") for event in events for choice in event["data"]["choices"]]
    parts = [content if isinstance(content, list) else [{"text": content}] for content in contents if content]
    return "".join(part.get("text") or "" for content in parts for part in content)


def mistral_calls(events):
    return chat_calls([event["data"] for event in events])


# It wants each tool call whole, as Mistral sends it.
@client("mistralai", "openai.chat", mistral_text, mistral_calls, frozenset({"tools"}))
def mistral(url, model):
    from mistralai.client import Mistral

    with Mistral(api_key=KEY, server_url=url) as sdk:
        return dump(sdk.chat.stream(model=model, messages=MESSAGES, tools=FUNCTIONS))


# LiteLLM turns each provider's stream into OpenAI's chunks. Ids and times are its own, new with every call.


def litellm(name, dialect, prefix, path="", unreadable=frozenset()):
    def ask(url, model):
        import litellm

        stream = litellm.completion(
            model=f"{prefix}/{model}", api_base=url + path, api_key=KEY, messages=MESSAGES, stream=True, max_retries=0
        )
        events = dump(stream)
        for event in events:
            event.pop("id"), event.pop("created")
            for choice in event["choices"]:
                for call in choice["delta"].get("tool_calls") or []:
                    call.pop("id")
        return events

    CLIENTS.append(Client(name, dialect, ask, chat_text, chat_calls, unreadable))


litellm("litellm openai", "openai.chat", "openai", "/v1", PARTS)
litellm("litellm anthropic", "anthropic.messages", "anthropic")
litellm("litellm gemini", "gemini.generateContent", "gemini", "", ARRAY)
# It gives all calls the same index.
litellm("litellm ollama", "ollama.chat", "ollama_chat", "", frozenset({"tools"}))


# OpenAI's completions and responses


@client("openai completions", "openai.completions", lambda events: "".join(
    choice["text"] for event in events for choice in event["choices"]
), lambda events: [])
def completions(url, model):
    from openai import OpenAI

    with OpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0) as sdk:
        return dump(sdk.completions.create(model=model, prompt=PROMPT, stream=True))


def response_text(events):
    return "".join(event["delta"] for event in events if event["type"] == "response.output_text.delta")


def response_calls(events):
    items = [event["item"] for event in events if event["type"] == "response.output_item.done"]
    return [(item["name"], json.loads(item["arguments"])) for item in items if item["type"] == "function_call"]


@client("openai responses", "openai.responses", response_text, response_calls)
def responses(url, model):
    from openai import OpenAI

    with OpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0) as sdk:
        return dump(sdk.responses.create(model=model, input=PROMPT, stream=True))


@client("openai responses helper", "openai.responses", response_text, response_calls)
def responses_helper(url, model):
    from openai import OpenAI

    with OpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0) as sdk:
        with sdk.responses.stream(model=model, input=PROMPT) as stream:
            events = dump(stream)
            assert stream.get_final_response().output_text == response_text(events)
            return events


# Anthropic


def message_text(events):
    deltas = [event["delta"] for event in events if event["type"] == "content_block_delta"]
    return "".join(delta["text"] for delta in deltas if delta["type"] == "text_delta")


def message_calls(events):
    pieces = []
    for event in events:
        if event["type"] == "content_block_start" and event["content_block"]["type"] == "tool_use":
            pieces.append((event["index"], event["content_block"]["name"], ""))
        if event["type"] == "content_block_delta" and event["delta"]["type"] == "input_json_delta":
            pieces.append((event["index"], "", event["delta"]["partial_json"]))
    return merged(pieces)


@client("anthropic", "anthropic.messages", message_text, message_calls)
def anthropic(url, model):
    from anthropic import Anthropic

    with Anthropic(base_url=url, api_key=KEY, max_retries=0) as sdk:
        return dump(sdk.messages.create(model=model, max_tokens=64, messages=MESSAGES, stream=True))


@client("anthropic helper", "anthropic.messages", message_text, message_calls)
def anthropic_helper(url, model):
    from anthropic import Anthropic

    with Anthropic(base_url=url, auth_token=KEY, api_key=None, max_retries=0) as sdk:
        with sdk.messages.stream(model=model, max_tokens=64, messages=MESSAGES) as stream:
            return dump(stream)


# Gemini


def parts(events):
    contents = [candidate["content"] for event in events for candidate in event["candidates"] or []]
    return [part for content in contents for part in (content or {}).get("parts") or []]


@client(
    "google-genai",
    "gemini.generateContent",
    lambda events: "".join(part["text"] or "" for part in parts(events) if not part["thought"]),
    lambda events: [
        (part["function_call"]["name"], part["function_call"]["args"]) for part in parts(events) if part["function_call"]
    ],
    ARRAY,
)
def gemini(url, model):
    from google import genai

    sdk = genai.Client(api_key=KEY, http_options={"base_url": url})
    events = dump(sdk.models.generate_content_stream(model=model, contents=PROMPT))
    for event in events:
        # The answer's headers have a date, and an id of ours.
        event.pop("sdk_http_response", None)
    return events


# Ollama


@client(
    "ollama chat",
    "ollama.chat",
    lambda events: "".join(event["message"]["content"] or "" for event in events),
    lambda events: [
        (call["function"]["name"], call["function"]["arguments"])
        for event in events
        for call in event["message"]["tool_calls"] or []
    ],
)
def ollama_chat(url, model):
    import ollama

    return dump(ollama.Client(host=url).chat(model=model, messages=MESSAGES, tools=FUNCTIONS, stream=True))


@client(
    "ollama generate",
    "ollama.generate",
    lambda events: "".join(event["response"] for event in events),
    lambda events: [],
)
def ollama_generate(url, model):
    import ollama

    return dump(ollama.Client(host=url).generate(model=model, prompt=PROMPT, stream=True))


# Cohere


def cohere_calls(events):
    pieces = []
    for event in events:
        if event["type"] in ("tool-call-start", "tool-call-delta"):
            function = event["delta"]["message"]["tool_calls"]["function"]
            pieces.append((event["index"], function.get("name"), function["arguments"]))
    return merged(pieces)


@client(
    "cohere",
    "cohere.chat",
    lambda events: "".join(
        event["delta"]["message"]["content"].get("text") or "" for event in events if event["type"] == "content-delta"
    ),
    cohere_calls,
)
def cohere(url, model):
    import cohere

    return dump(cohere.ClientV2(api_key=KEY, base_url=url).chat_stream(model=model, messages=MESSAGES))


@client(
    "cohere v1",
    "cohere.chat.v1",
    lambda events: "".join(event["text"] for event in events if event["event_type"] == "text-generation"),
    lambda events: [
        (call["name"], call["parameters"])
        for event in events
        if event["event_type"] == "tool-calls-generation"
        for call in event["tool_calls"]
    ],
)
def cohere_v1(url, model):
    import cohere

    return dump(cohere.Client(api_key=KEY, base_url=url).chat_stream(model=model, message=PROMPT))


# Amazon Bedrock


def bedrock_client(url):
    import boto3
    from botocore.config import Config

    return boto3.client(
        "bedrock-runtime",
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="a-callers-own-secret",
        config=Config(retries={"max_attempts": 1}),
    )


def converse_calls(events):
    pieces = []
    for event in events:
        if tool := event.get("contentBlockStart", {}).get("start", {}).get("toolUse"):
            pieces.append((event["contentBlockStart"]["contentBlockIndex"], tool["name"], ""))
        if tool := event.get("contentBlockDelta", {}).get("delta", {}).get("toolUse"):
            pieces.append((event["contentBlockDelta"]["contentBlockIndex"], "", tool["input"]))
    return merged(pieces)


@client(
    "boto3 converse",
    "bedrock.converse",
    lambda events: "".join(event.get("contentBlockDelta", {}).get("delta", {}).get("text", "") for event in events),
    converse_calls,
)
def converse(url, model):
    answer = bedrock_client(url).converse_stream(
        modelId=model, messages=[{"role": "user", "content": [{"text": PROMPT}]}]
    )
    return list(answer["stream"])


def invoked(events):
    return [json.loads(event["chunk"]["bytes"]) for event in events]


@client(
    "boto3 invoke",
    "bedrock.invoke",
    lambda events: message_text(invoked(events)),
    lambda events: message_calls(invoked(events)),
)
def invoke(url, model):
    answer = bedrock_client(url).invoke_model_with_response_stream(
        modelId=model, body=json.dumps({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 64, "messages": MESSAGES})
    )
    return list(answer["body"])
