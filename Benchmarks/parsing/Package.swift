// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who uses Tokencast builds it. `swift run -c release` builds and starts it.
let package = Package(
    name: "tokencast-parsing-benchmark",
    dependencies: [
        .package(name: "tokencast", path: "../.."),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
    ],
    targets: [
        .systemLibrary(name: "CMalloc"),
        .executableTarget(
            name: "ParsingBenchmark",
            dependencies: [
                "CMalloc",
                .product(name: "Broadcast", package: "tokencast"),
                .product(name: "Dialects", package: "tokencast"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
