namespace GpuMem.Api.Json;

/// <summary>A value, or <c>Auto</c>: the planner chooses it.</summary>
/// <param name="Value">Null for <c>Auto</c>.</param>
/// <typeparam name="T">A number or an enum.</typeparam>
public readonly record struct OrAuto<T>(T? Value)
    where T : struct
{
    public bool IsAuto => Value is null;

    public static implicit operator OrAuto<T>(T value) => new(value);

    public override string ToString() => Value?.ToString() ?? OrAuto.Name;
}

/// <summary>The word for what the planner chooses.</summary>
public static class OrAuto
{
    public const string Name = "Auto";
}
