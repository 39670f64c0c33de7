using GpuMem.Estimation;

namespace GpuMem.Api.Nodes.Claims;

/// <summary>What is alike of the devices of a kind and a claim's selector may ask for: their driver, attributes and capacities.</summary>
/// <param name="Driver">Who publishes them, such as <c>gpu.nvidia.com</c>.</param>
/// <param name="Known">Attributes and capacities, by name.</param>
public sealed record DeviceFacts(string Driver, ValueList<DeviceFact> Known)
{
    /// <summary>Several claims may have it at a time, each a part of its capacities (KEP-5075).</summary>
    public bool IsShared { get; init; }

    /// <summary>A device of which nothing but its driver is known.</summary>
    internal static DeviceFacts OfDriver(string driver) => new(driver, new ValueList<DeviceFact>([]));

    /// <summary>
    /// What kinds of GPUs differ in. What tells a device from its like (UUID, bus, index) is not kept: a selector that asks for it may select any of them.
    /// </summary>
    private static readonly string[] Kept =
    [
        "type", "productName", "model", "brand", "architecture", "family", "profile", "cudaComputeCapability", "partitionProfile", "computePartition", "memoryPartition",
    ];

    internal static DeviceFacts Of(string driver, V1Device device)
    {
        var facts = new List<DeviceFact>();
        foreach (var (name, value) in device.Attributes ?? new Dictionary<string, V1DeviceAttribute>())
            if (Value(value) is { } known && Local(driver, name) is { } local && Kept.Contains(local, StringComparer.Ordinal))
                facts.Add(new DeviceFact(local, IsCapacity: false, known));
        foreach (var (name, value) in device.Capacity ?? new Dictionary<string, V1DeviceCapacity>())
            if (value?.Value is { } amount && Local(driver, name) is { } local && Quantity.TryParse(amount.ToString(), out var quantity))
                facts.Add(new DeviceFact(local, IsCapacity: true, (decimal)quantity.ToInt64()));
        return new DeviceFacts(driver, new ValueList<DeviceFact>([.. facts.OrderBy(fact => fact.Name, StringComparer.Ordinal).ThenBy(fact => fact.IsCapacity)])) { IsShared = device.AllowMultipleAllocations == true };
    }

    /// <summary>What all of them say: what they differ in is not known of any.</summary>
    /// <param name="devices">At least one, of the same driver.</param>
    internal static DeviceFacts Common(IReadOnlyList<DeviceFacts> devices) => devices.Count == 1 || devices.All(device => device == devices[0])
        ? devices[0]
        : new DeviceFacts(devices[0].Driver, new ValueList<DeviceFact>([.. devices[0].Known.Where(fact => devices.All(device => device.Known.Contains(fact)))])) { IsShared = devices.All(device => device.IsShared) };

    /// <summary>All the memory that a device says it has; null when it does not say so.</summary>
    public Bytes? MemoryOfDevice => Find(Driver, "memory", capacity: true) is decimal bytes ? new Bytes((long)bytes) : null;

    /// <summary>What it says of itself, as <c>productName</c>; null when that is not known, or is no text.</summary>
    public string? Product => Find(Driver, "productName", capacity: false) as string;

    /// <summary>Null when it is not known, or is none.</summary>
    internal object? Find(string domain, string name, bool capacity) =>
        domain == Driver && Known.FirstOrDefault(fact => fact.Name == name && fact.IsCapacity == capacity) is { } fact ? fact.Value : null;

    /// <summary>A name without a domain belongs to that of the driver; null for one of another domain.</summary>
    private static string? Local(string driver, string name) =>
        !name.Contains('/') ? name : name.Length > driver.Length && name[driver.Length] == '/' && name.StartsWith(driver, StringComparison.Ordinal) ? name[(driver.Length + 1)..] : null;

    private static object? Value(V1DeviceAttribute? attribute) => attribute switch
    {
        { StringValue: { } text } => text,
        { BoolValue: { } flag } => flag,
        { IntValue: { } number } => (decimal)number,
        { Version: { } version } => System.Version.TryParse(version, out var known) ? known : null,
        _ => null,
    };
}

/// <summary>An attribute or a capacity of a device.</summary>
/// <param name="Name">Without its driver's domain.</param>
/// <param name="IsCapacity">Capacities and attributes have names of their own.</param>
/// <param name="Value">A string, a boolean, a number or quantity as a decimal, or a version.</param>
public sealed record DeviceFact(string Name, bool IsCapacity, object Value);
