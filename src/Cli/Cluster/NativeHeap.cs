using System.Runtime.InteropServices;

namespace GpuMem.Cli.Cluster;

/// <summary>The C library's heap, from which OpenSSL takes what each connection needs.</summary>
internal static partial class NativeHeap
{
    // M_ARENA_MAX of glibc's malloc.h.
    private const int MostArenas = -8;

    /// <summary>
    /// All threads share one arena. By default there are up to eight for each core, and what a connection gave back to one is of no use to another: half a
    /// thousand callers at once cost about an eighth more memory by it (bench faults C10).
    /// </summary>
    public static void ShareOneArena()
    {
        try
        {
            _ = SetOption(MostArenas, 1);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library, such as musl, has one heap anyway.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
