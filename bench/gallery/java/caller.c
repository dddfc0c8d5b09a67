/* The native methods of Caller.java, by the rules of the Java Native Interface. */
#include "libpi.h"

#include <jni.h>

uint64_t libpi_callee_c(uint64_t seed, uint64_t first, uint64_t count);

JNIEXPORT jlong JNICALL Java_Caller_callee(JNIEnv *java, jclass caller, jlong seed, jlong first,
                                           jlong count) {
    (void)java;
    (void)caller;
    return (jlong)libpi_callee_c((uint64_t)seed, (uint64_t)first, (uint64_t)count);
}

JNIEXPORT jint JNICALL Java_Caller_hitsWith(JNIEnv *java, jclass caller, jstring kernel,
                                            jstring driver, jint generator, jlong seed, jlong first,
                                            jlong count, jint threads, jlongArray hits) {
    (void)caller;
    const char *kernel_name = (*java)->GetStringUTFChars(java, kernel, NULL);
    const char *driver_name = (*java)->GetStringUTFChars(java, driver, NULL);
    uint64_t found = 0;
    jint status = libpi_hits_with(kernel_name, driver_name, generator, (uint64_t)seed,
                                  (uint64_t)first, (uint64_t)count, threads, &found);
    (*java)->ReleaseStringUTFChars(java, kernel, kernel_name);
    (*java)->ReleaseStringUTFChars(java, driver, driver_name);
    jlong answer = (jlong)found;
    (*java)->SetLongArrayRegion(java, hits, 0, 1, &answer);
    return status;
}
