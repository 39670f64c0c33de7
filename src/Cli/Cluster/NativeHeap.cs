using System.Runtime.InteropServices;

namespace GpuMem.Cli.Cluster;

/// <summary>The C library's heap, from which OpenSSL takes what each connection needs.</summary>
internal static partial class NativeHeap
{
    // M_ARENA_MAX and M_MMAP_THRESHOLD of glibc's malloc.h.
    private const int MostArenas = -8;
    private const int MmapThreshold = -3;

    /// <summary>What OpenSSL reads a record into, or writes one from, is a little larger (SSL3_RT_MAX_PLAIN_LENGTH).</summary>
    private const int Record = 16 * 1024;

    /// <summary>
    /// All threads share one arena. By default there are up to eight for each core, and what a connection gave back to one is of no use to another: half a
    /// thousand callers at once cost about an eighth more memory by it (bench faults C10). Buffers of records, two for each connection, come from the
    /// system and go back to it: among them, what handshakes took would stay as holes.
    /// </summary>
    public static void ForConnections()
    {
        try
        {
            _ = SetOption(MostArenas, 1);
            _ = SetOption(MmapThreshold, Record);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library, such as musl, has one heap anyway.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
