extension Dialect {
    /// Amazon Bedrock's InvokeModel: each model's own format in messages of AWS.
    public static let bedrockInvoke = Dialect(
        name: "bedrock.invoke",
        framing: .awsEventStream,
        errors: .openAI,
        matches: { $0.hasSuffix("/invoke-with-response-stream") || $0.hasSuffix("/invoke") },
        makeInterpreter: { GenericInterpreter() }
    )
}
