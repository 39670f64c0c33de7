namespace GpuMem.Operator;

/// <summary>The names under which our writes are recorded, one per purpose, so that each owns only what it writes.</summary>
internal static class FieldManagers
{
    public const string Launcher = "gpumem-launcher";

    public const string Controller = "gpumem-controller";
}
