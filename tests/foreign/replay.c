/* SPDX-License-Identifier: MIT */
/* The place of libFuzzer where there is none: `replay FILE...` shows each file to a fuzz target, whose
 * checks stop the program. */
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int count, char **files)
{
    static uint8_t data[65536];
    if (LLVMFuzzerInitialize(&count, &files) != 0) return 1;
    for (int i = 1; i < count; i++) {
        FILE *file = fopen(files[i], "rb");
        if (!file) return perror(files[i]), 1;
        size_t size = fread(data, 1, sizeof data, file);
        fclose(file);
        fprintf(stderr, "%s\n", files[i]);
        if (LLVMFuzzerTestOneInput(data, size) != 0) return 1;
    }
    printf("%d inputs\n", count - 1);
    return count > 1 ? 0 : 1;
}
