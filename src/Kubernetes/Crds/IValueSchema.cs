namespace GpuMem.Kubernetes.Crds;

/// <summary>A JSON converter that knows the schema of what it reads.</summary>
public interface IValueSchema
{
    /// <summary>A new one at each call, without description and bounds.</summary>
    JsonObject Schema();
}
