/* The glue between Client.java and libpi.so, by the Java Native Interface. Other threads of Java
 * and the garbage collector go on during a native method. */
#include "Client.h"
#include <libpi.h>
#include <stdio.h>

/* The context of a kernel. A JNIEnv belongs to one thread; the JavaVM serves all. */
struct kernel {
    JavaVM *vm;
    jobject object;
    jmethodID count;
    _Atomic(jthrowable) thrown;
};

static void throw_error(JNIEnv *env, libpi_status status, jthrowable cause) {
    char text[1024];
    if (status == LIBPI_ERROR_KERNEL)
        snprintf(text, sizeof text, "error %d, kernel's %d", status, libpi_last_kernel_error());
    else
        snprintf(text, sizeof text, "error %d: %s", status, libpi_last_error());
    jclass class = (*env)->FindClass(env, "Client$LibpiException");
    jmethodID make = (*env)->GetMethodID(env, class, "<init>", "(Ljava/lang/String;)V");
    jobject error = (*env)->NewObject(env, class, make, (*env)->NewStringUTF(env, text));
    if (cause) {
        jmethodID init = (*env)->GetMethodID(env, class, "initCause",
                                             "(Ljava/lang/Throwable;)Ljava/lang/Throwable;");
        (*env)->CallObjectMethod(env, error, init, cause);
        (*env)->DeleteGlobalRef(env, cause);
    }
    (*env)->Throw(env, error);
}

JNIEXPORT jlong JNICALL Java_Client_hits(JNIEnv *env, jclass class, jint generator, jlong seed,
                                         jlong first, jlong count, jint threads) {
    (void)class;
    uint64_t hits = 0;
    libpi_status status =
        libpi_hits(generator, (uint64_t)seed, (uint64_t)first, (uint64_t)count, threads, &hits);
    if (status != LIBPI_OK)
        throw_error(env, status, NULL);
    return (jlong)hits;
}

/* Calls the kernel in Java. libpi's threads are not Java's: attach them. An exception is kept. */
static int32_t call(void *context, uint64_t first, uint64_t count, uint64_t *hits) {
    struct kernel *kernel = context;
    JNIEnv *env;
    if ((*kernel->vm)->AttachCurrentThread(kernel->vm, (void **)&env, NULL) != JNI_OK)
        return 1;
    *hits = (uint64_t)(*env)->CallLongMethod(env, kernel->object, kernel->count, (jlong)first,
                                             (jlong)count);
    jthrowable thrown = (*env)->ExceptionOccurred(env);
    if (thrown) {
        (*env)->ExceptionClear(env);
        kernel->thrown = (*env)->NewGlobalRef(env, thrown);
    }
    (*kernel->vm)->DetachCurrentThread(kernel->vm);
    return thrown ? 42 : 0;
}

JNIEXPORT jlong JNICALL Java_Client_drive(JNIEnv *env, jclass class, jstring driver, jobject object,
                                          jlong first, jlong count, jint threads) {
    (void)class;
    struct kernel kernel = {.object = (*env)->NewGlobalRef(env, object)};
    jclass type = (*env)->GetObjectClass(env, object);
    kernel.count = (*env)->GetMethodID(env, type, "count", "(JJ)J");
    (*env)->GetJavaVM(env, &kernel.vm);
    const char *name = (*env)->GetStringUTFChars(env, driver, NULL);
    uint64_t hits = 0;
    libpi_status status = libpi_drive_context(name, call, &kernel, (uint64_t)first, (uint64_t)count,
                                              0, threads, &hits);
    if (status != LIBPI_OK)
        throw_error(env, status, kernel.thrown);
    (*env)->ReleaseStringUTFChars(env, driver, name);
    (*env)->DeleteGlobalRef(env, kernel.object);
    return (jlong)hits;
}
