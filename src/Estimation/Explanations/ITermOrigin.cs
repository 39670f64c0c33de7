using GpuMem.Estimation.Arithmetic;
namespace GpuMem.Estimation.Explanations;

/// <summary>What the terms of an estimate come from.</summary>
internal interface ITermOrigin
{
    Explanation Explain(TermKind kind);
}
