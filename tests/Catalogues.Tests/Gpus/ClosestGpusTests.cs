using GpuMem.Catalogues.Gpus;

namespace GpuMem.Catalogues.Tests.Gpus;

public sealed class ClosestGpusTests
{
    [Theory]
    [InlineData("H100-SXM5", "did you mean NVIDIA H100 SXM 80GB?")]
    [InlineData("a100-80", "did you mean NVIDIA A100 80GB?")]
    [InlineData("rtx6000pro", "did you mean NVIDIA RTX PRO 6000 Blackwell 96GB?")]
    [InlineData("rtxpro6000", "did you mean NVIDIA RTX PRO 6000 Blackwell 96GB?")]
    [InlineData("mi250", "did you mean AMD Instinct MI250X (per GCD) 64GB?")]
    [InlineData("5090ti", "did you mean NVIDIA GeForce RTX 5090 32GB?")]
    [InlineData("tpu-v5e", "not in the catalogue; gpumem gpus lists all")]
    [InlineData("h1000", "not in the catalogue; gpumem gpus lists all")]
    [InlineData("", "not in the catalogue; gpumem gpus lists all")]
    public void Whoever_writes_a_name_a_little_differently_is_shown_the_card(string name, string said) => Assert.Contains(said, ClosestGpus.Explain(name, "gpumem gpus"), StringComparison.Ordinal);
}
