"""Whose code a class of Java is: the app's own, or that of the platform, of Kotlin, or of a well-known library.

>>> is_in_app("com.shop.Cart"), is_in_app("java.util.ArrayList")
(True, False)
"""

_PLATFORM = (
    *("java.", "javax.", "jdk.", "sun.", "com.sun.", "jakarta.", "org.w3c.", "org.xml.", "org.ietf."),
    *("android.", "com.android.", "dalvik.", "libcore.", "com.google.android.", "org.apache.harmony."),
    *("kotlin.", "kotlinx.", "androidx.", "scala.", "groovy.", "org.codehaus.groovy.", "clojure."),
)
"""What comes with the language, the device or its system, and libraries that stand for those."""

_LIBRARIES = (
    *("org.junit.", "junit.", "org.hamcrest.", "org.mockito.", "org.testng.", "worker.org.gradle.", "org.gradle."),
    *("io.sentry.", "com.facebook.react.", "com.facebook.jni.", "com.facebook.soloader.", "io.flutter."),
    *(
        "okhttp3.",
        "okio.",
        "retrofit2.",
        "com.squareup.okhttp",
        "dagger.",
        "io.reactivex.",
        "rx.",
        "hilt_aggregated_deps.",
    ),
    *("com.google.gson.", "com.google.common.", "com.google.firebase.", "com.google.protobuf.", "com.google.dagger."),
    *("org.springframework.", "org.apache.", "org.eclipse.jetty.", "io.netty.", "reactor.", "ch.qos.logback."),
    *("org.slf4j.", "org.hibernate.", "org.jboss.", "com.fasterxml.", "org.jetbrains.", "_COROUTINE."),
)


def is_platform(class_name: str) -> bool:
    """Whether a class is of the language or the system: nobody has a mapping file for it."""
    return class_name.startswith(_PLATFORM)


def is_in_app(class_name: str) -> bool:
    """Whether a class is the app's own, by its package."""
    return not class_name.startswith((*_PLATFORM, *_LIBRARIES))
