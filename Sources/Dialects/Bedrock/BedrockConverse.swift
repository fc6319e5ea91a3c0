extension Dialect {
    /// Amazon Bedrock's Converse, the same for all its models.
    public static let bedrockConverse = Dialect(
        name: "bedrock.converse",
        framing: .awsEventStream,
        errors: .openAI,
        matches: { $0.hasSuffix("/converse-stream") || $0.hasSuffix("/converse") },
        makeInterpreter: { GenericInterpreter() }
    )
}
