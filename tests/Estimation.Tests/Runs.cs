using FsCheck;

namespace GpuMem.Estimation.Tests;

internal static class Runs
{
    public static Config TenThousand { get; } = Config.QuickThrowOnFailure.WithMaxTest(10_000);
}
