// swift-tools-version: 6.2
import PackageDescription

/// One list for every target: strict concurrency is the language mode's, the rest keeps imports and existentials visible.
let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "tokencast",
    products: [
        .library(name: "ServerSentEvents", targets: ["ServerSentEvents"]),
        .library(name: "WebSockets", targets: ["WebSockets"]),
        .library(name: "Dialects", targets: ["Dialects"]),
        .library(name: "Broadcast", targets: ["Broadcast"]),
        .library(name: "Tapes", targets: ["Tapes"]),
        .library(name: "Tokencast", targets: ["Tokencast"]),
        .library(name: "TokencastTesting", targets: ["TokencastTesting"]),
        .executable(name: "tokencast", targets: ["TokencastCLI"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CLinux"),
        .target(name: "ServerSentEvents", swiftSettings: settings),
        .target(name: "WebSockets", swiftSettings: settings),
        .target(name: "Dialects", dependencies: ["ServerSentEvents"], swiftSettings: settings),
        .target(name: "Tapes", dependencies: ["COpenSSL", "Dialects", "ServerSentEvents"], swiftSettings: settings),
        // What people do with tapes beside recording and replaying them.
        .target(
            name: "TapeTools",
            dependencies: ["Broadcast", "Dialects", "Tapes", yams],
            swiftSettings: settings
        ),
        // Sockets, timers and tasks on one thread.
        .target(name: "EventLoops", dependencies: ["CLinux", nioCore], swiftSettings: settings),
        .target(name: "Upstream", dependencies: ["CCurl", "EventLoops", nioCore], swiftSettings: settings),
        .target(
            name: "Broadcast",
            dependencies: ["Dialects", "ServerSentEvents", "WebSockets", nioCore, logging],
            swiftSettings: settings
        ),
        .target(name: "Tee", dependencies: ["Broadcast", "Dialects", "Tapes", nioCore], swiftSettings: settings),
        .target(
            name: "Server",
            dependencies: [
                "Broadcast", "COpenSSL", "Dialects", "EventLoops", "Tapes", "Upstream", "WebSockets",
                nioCore, nioHTTP1, logging,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Tokencast",
            dependencies: [
                "Broadcast", "Dialects", "EventLoops", "Server", "ServerSentEvents", "Tapes", "Tee", "Upstream",
                nioCore, nioPosix, logging, lifecycle,
            ],
            swiftSettings: settings
        ),
        // For the tests of other packages; no part of the program.
        .target(
            name: "TokencastTesting",
            dependencies: ["Tapes", "Tokencast", logging, lifecycle],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "TokencastCLI",
            dependencies: [
                "CLinux", "Dialects", "TapeTools", "Tapes", "Tokencast", arguments, logging, lifecycle, signals,
            ],
            swiftSettings: settings
        ),
        .testTarget(name: "ServerSentEventsTests", dependencies: ["ServerSentEvents"], swiftSettings: settings),
        .testTarget(name: "WebSocketsTests", dependencies: ["WebSockets"], swiftSettings: settings),
        .testTarget(name: "DialectsTests", dependencies: ["Dialects", "ServerSentEvents"], swiftSettings: settings),
        .testTarget(name: "TapesTests", dependencies: ["Tapes", "Dialects"], swiftSettings: settings),
        .testTarget(
            name: "TapeToolsTests",
            dependencies: ["TapeTools", "Tapes", "Dialects", "TestSupport"],
            swiftSettings: settings
        ),
        // Scripted upstreams and raw clients over plain sockets, for the test targets alone.
        .target(name: "TestSupport", dependencies: ["Tapes"], path: "Tests/TestSupport", swiftSettings: settings),
        // Sends back what it gets, over the server's own WebSocket code: for conformance suites.
        .executableTarget(
            name: "WebSocketEcho",
            dependencies: ["EventLoops", "Server", "WebSockets", nioCore, nioHTTP1],
            path: "Tests/WebSocketEcho",
            swiftSettings: settings
        ),
        .testTarget(
            name: "EventLoopsTests",
            dependencies: ["EventLoops", "TestSupport", nioCore],
            swiftSettings: settings
        ),
        .testTarget(
            name: "UpstreamTests",
            dependencies: ["EventLoops", "Upstream", "TestSupport", nioCore],
            swiftSettings: settings
        ),
        .testTarget(
            name: "BroadcastTests",
            dependencies: ["Broadcast", "Dialects", "TestSupport", nioCore, nioEmbedded, nioPosix],
            swiftSettings: settings
        ),
        .testTarget(
            name: "TeeTests",
            dependencies: ["Broadcast", "Dialects", "Tapes", "Tee", "TestSupport", nioCore, nioEmbedded],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "Broadcast", "Dialects", "EventLoops", "Server", "Tapes", "Upstream", "WebSockets",
                nioCore, nioEmbedded, nioHTTP1,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "TokencastTests",
            dependencies: [
                "Dialects", "Server", "Tapes", "TestSupport", "Tokencast", "TokencastCLI", "Upstream",
                nioCore, logging, lifecycle,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "TokencastTestingTests",
            dependencies: ["Tapes", "TestSupport", "TokencastTesting"],
            exclude: ["Tapes"],
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)
