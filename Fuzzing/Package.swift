// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who uses Tokencast builds it. `Fuzzing/run` builds and starts it.
let package = Package(
    name: "tokencast-fuzzing",
    dependencies: [.package(name: "tokencast", path: "..")],
    targets: [
        .systemLibrary(name: "CFuzzer"),
        .executableTarget(
            name: "FuzzTapes",
            dependencies: ["CFuzzer", .product(name: "Tapes", package: "tokencast")]
        ),
        .executableTarget(
            name: "FuzzWebSockets",
            dependencies: ["CFuzzer", .product(name: "WebSockets", package: "tokencast")]
        ),
        .executableTarget(
            name: "FuzzDialects",
            dependencies: [
                "CFuzzer",
                .product(name: "Dialects", package: "tokencast"),
                .product(name: "Tapes", package: "tokencast"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
