using System.Runtime.InteropServices;

namespace GpuMem.Page.Server;

/// <summary>Large blocks of native memory, such as gzip's buffers.</summary>
internal static partial class LargeBlocks
{
    /// <summary>glibc's malloc.h: M_MMAP_THRESHOLD.</summary>
    private const int MmapThreshold = -3;

    /// <summary>glibc's default, in bytes.</summary>
    private const int Large = 128 * 1024;

    /// <summary>
    /// Has the C library return them to the system when they are freed. Left alone, glibc takes each that is freed as a sign that blocks of its size come
    /// again, and keeps the next ones, for every thread its own (mallopt(3), M_MMAP_THRESHOLD, "dynamic"): answers in gzip add up to 12 MiB that nobody
    /// uses. A threshold that was set stays. Other C libraries than glibc have no such call, and no such habit.
    /// </summary>
    public static void ReturnWhenFreed()
    {
        try
        {
            _ = SetOption(MmapThreshold, Large);
        }
        catch (Exception other) when (other is DllNotFoundException or EntryPointNotFoundException)
        {
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
